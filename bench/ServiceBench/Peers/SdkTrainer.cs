using System.Security.Cryptography.X509Certificates;
using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>A trainer with one session over one Train stream, with gradients in its memory and room for weights there.</summary>
internal sealed class SdkTrainer : IAsyncDisposable
{
    private readonly AdamClient? _owned;
    private readonly OptimizerSession _session;
    private readonly TrainerMemory _memory;

    private SdkTrainer(AdamClient? owned, OptimizerSession session, TrainerMemory memory) =>
        (_owned, _session, _memory) = (owned, session, memory);

    /// <summary>The session.</summary>
    public string SessionId => _session.Reference.Id;

    /// <summary>The version of the session after its last step.</summary>
    public ulong Version => _session.Version;

    /// <summary>Makes a session and opens it.</summary>
    /// <param name="url">Where the service is.</param>
    /// <param name="session">What the session is to be.</param>
    /// <param name="memory">Its gradients and weights.</param>
    /// <param name="authority">Who issued the certificate of a service with TLS.</param>
    public static async Task<SdkTrainer> StartAsync(string url, SessionSpec session, TrainerMemory memory, X509Certificate2? authority = null)
    {
        var client = AdamClient.ForAddress(url, new AdamClientOptions
        {
            CallTimeout = TimeSpan.FromMinutes(5),
            TrustedCertificates = authority is null ? null : [authority],
        });
        return new SdkTrainer(client, await OpenAsync(client, session), memory);
    }

    /// <summary>The same over a connection that others use too.</summary>
    public static async Task<SdkTrainer> StartAsync(AdamClient shared, SessionSpec session, TrainerMemory memory) =>
        new(null, await OpenAsync(shared, session), memory);

    /// <summary>Takes a step.</summary>
    /// <param name="options">How gradients travel, and what comes back.</param>
    /// <param name="gradients">The gradients. Null: a dense one for each tensor.</param>
    public async Task<StepResult> StepAsync(StepOptions options, IReadOnlyList<TensorGradient>? gradients = null)
    {
        var weights = options.Reply == ReplyKind.None ? null : _memory.Weights;
        var result = await (gradients is null
            ? _session.StepAsync(_memory.Gradients, weights, options)
            : _session.StepAsync(gradients, weights, options));
        return result.Outcome == StepOutcome.Applied ? result : throw new InvalidOperationException($"A step was {result.Outcome}.");
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        if (_owned is not null)
        {
            await _owned.DisposeAsync();
        }
    }

    private static async Task<OptimizerSession> OpenAsync(AdamClient client, SessionSpec session) =>
        await client.OpenSessionAsync(new SessionRef((await client.CreateSessionAsync(session)).Id));
}
