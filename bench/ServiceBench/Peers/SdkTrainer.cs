using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>A trainer with one session over one Train stream, with gradients in its memory and room for weights there.</summary>
internal sealed class SdkTrainer : IAsyncDisposable
{
    private readonly AdamClient _client;
    private readonly OptimizerSession _session;
    private readonly TrainerMemory _memory;

    private SdkTrainer(AdamClient client, OptimizerSession session, TrainerMemory memory) =>
        (_client, _session, _memory) = (client, session, memory);

    /// <summary>Makes a session and opens it.</summary>
    public static async Task<SdkTrainer> StartAsync(string url, Workload workload, TrainerMemory memory)
    {
        var client = AdamClient.ForAddress(url, new AdamClientOptions { CallTimeout = TimeSpan.FromMinutes(5) });
        var info = await client.CreateSessionAsync(new SessionSpec
        {
            Tensors = [.. workload.Lengths.Select((length, index) => new TensorSpec($"t{index}", [length]))],
            InitialWeights = [.. memory.Weights.Select(weights => (ReadOnlyTensorMemory)weights)],
        });
        return new SdkTrainer(client, await client.OpenSessionAsync(new SessionRef(info.Id)), memory);
    }

    /// <summary>Takes a step.</summary>
    public async Task StepAsync(StepOptions options)
    {
        var result = await _session.StepAsync(_memory.Gradients, options.Reply == ReplyKind.None ? null : _memory.Weights, options);
        if (result.Outcome != StepOutcome.Applied)
        {
            throw new InvalidOperationException($"A step was {result.Outcome}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _session.DisposeAsync();
        await _client.DisposeAsync();
    }
}
