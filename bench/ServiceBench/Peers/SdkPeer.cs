using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The service by the SDK and one Train stream, from gradients in the trainer's memory to weights there.</summary>
internal sealed class SdkPeer : IPeer
{
    private readonly AdamClient _client;
    private readonly OptimizerSession _session;
    private readonly IReadOnlyList<ReadOnlyTensorMemory> _gradients;
    private readonly IReadOnlyList<TensorMemory>? _weights;
    private readonly StepOptions _options;

    private SdkPeer(
        string name,
        AdamClient client,
        OptimizerSession session,
        IReadOnlyList<ReadOnlyTensorMemory> gradients,
        IReadOnlyList<TensorMemory>? weights,
        StepOptions options) =>
        (Name, _client, _session, _gradients, _weights, _options) = (name, client, session, gradients, weights, options);

    public string Name { get; }

    /// <summary>Makes a session and opens it.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="url">Where the service is.</param>
    /// <param name="workload">The model.</param>
    /// <param name="gradients">How the gradients lie in memory and travel.</param>
    /// <param name="options">What comes back.</param>
    public static async Task<SdkPeer> StartAsync(
        string name, string url, Workload workload, Func<int, ReadOnlyTensorMemory> gradients, StepOptions options)
    {
        var client = AdamClient.ForAddress(url, new AdamClientOptions { CallTimeout = TimeSpan.FromMinutes(5) });
        var info = await client.CreateSessionAsync(new SessionSpec
        {
            Tensors = [.. workload.Lengths.Select((length, index) => new TensorSpec($"t{index}", [length]))],
            InitialWeights = [.. workload.Lengths.Select(length => (ReadOnlyTensorMemory)new float[length])],
        });
        var session = await client.OpenSessionAsync(new SessionRef(info.Id));
        return new SdkPeer(
            name,
            client,
            session,
            [.. workload.Lengths.Select(length => gradients((int)length))],
            options.Reply == ReplyKind.None ? null : [.. workload.Lengths.Select(length => (TensorMemory)new float[length])],
            options);
    }

    public async Task StepAsync()
    {
        var result = await _session.StepAsync(_gradients, _weights, _options);
        if (result.Outcome != StepOutcome.Applied)
        {
            throw new InvalidOperationException($"A step was {result.Outcome}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        var session = _session.Reference;
        await _session.DisposeAsync();
        await _client.DeleteSessionAsync(session);
        await _client.DisposeAsync();
    }
}
