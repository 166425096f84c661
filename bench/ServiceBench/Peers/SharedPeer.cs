using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The service by the SDK over shared memory: gradients and weights are where both have them.</summary>
internal sealed class SharedPeer : IPeer
{
    private readonly AdamClient _client;
    private readonly OptimizerSession _session;
    private readonly SharedTensors _shared;

    private SharedPeer(string name, AdamClient client, OptimizerSession session, SharedTensors shared) =>
        (Name, _client, _session, _shared) = (name, client, session, shared);

    public string Name { get; }

    /// <summary>Makes a session, opens its memory and fills it with gradients.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="url">Where the service is.</param>
    /// <param name="workload">The model.</param>
    /// <param name="policy">What happens to gradients that are not finite: whether they may be read in place.</param>
    public static async Task<SharedPeer> StartAsync(string name, string url, Workload workload, NonFinitePolicy policy)
    {
        var client = AdamClient.ForAddress(url, new AdamClientOptions { CallTimeout = TimeSpan.FromMinutes(5) });
        var info = await client.CreateSessionAsync(new SessionSpec
        {
            Optimizer = new OptimizerSettings { NonFinitePolicy = policy },
            Tensors = [.. workload.Lengths.Select((length, index) => new TensorSpec($"t{index}", [length]))],
            InitialWeights = [.. workload.Lengths.Select(length => (ReadOnlyTensorMemory)new float[length])],
        });
        var session = await client.OpenSessionAsync(info.Reference);
        var shared = await session.OpenSharedMemoryAsync();
        for (var position = 0; position < workload.Lengths.Count; position++)
        {
            shared.Gradient(position).Fill(0.01f);
        }

        return new SharedPeer(name, client, session, shared);
    }

    public async Task StepAsync()
    {
        var result = await _shared.StepAsync();
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
