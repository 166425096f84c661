using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>A trainer by the SDK over shared memory: gradients and weights are where both have them.</summary>
internal sealed class SharedTrainer : IAsyncDisposable
{
    private readonly AdamClient _client;
    private readonly OptimizerSession _session;
    private readonly SharedTensors _shared;

    private SharedTrainer(AdamClient client, OptimizerSession session, SharedTensors shared) =>
        (_client, _session, _shared) = (client, session, shared);

    /// <summary>Makes a session, opens its memory and fills it with gradients.</summary>
    /// <param name="url">Where the service is.</param>
    /// <param name="spec">What the session is to be: its policy and tier decide whether gradients may be read in place.</param>
    public static async Task<SharedTrainer> StartAsync(string url, SessionSpec spec)
    {
        var client = AdamClient.ForAddress(url, new AdamClientOptions { CallTimeout = TimeSpan.FromMinutes(5) });
        var info = await client.CreateSessionAsync(spec);
        var session = await client.OpenSessionAsync(info.Reference);
        var shared = await session.OpenSharedMemoryAsync();
        for (var position = 0; position < spec.Tensors.Count; position++)
        {
            shared.Gradient(position).Fill(0.01f);
        }

        return new SharedTrainer(client, session, shared);
    }

    /// <summary>Takes a step.</summary>
    public async Task StepAsync(StepOptions options)
    {
        var result = await _shared.StepAsync(options);
        if (result.Outcome != StepOutcome.Applied)
        {
            throw new InvalidOperationException($"A step was {result.Outcome}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        var session = _session.Reference;
        _shared.Dispose();
        await _session.DisposeAsync();
        await _client.DeleteSessionAsync(session);
        await _client.DisposeAsync();
    }
}
