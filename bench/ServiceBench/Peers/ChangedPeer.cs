using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>Steps after which only the tensors come back that were written since the step before.</summary>
/// <param name="name">What it is called in tables.</param>
/// <param name="trainer">Who trains.</param>
/// <param name="gradients">Those of a batch, for some tensors.</param>
internal sealed class ChangedPeer(string name, SdkTrainer trainer, IReadOnlyList<TensorGradient> gradients) : IPeer
{
    public string Name => name;

    public async Task StepAsync()
    {
        var result = await trainer.StepAsync(Exchange.Float32 with { ReplyChangedSince = trainer.Version }, gradients);
        if (result.ReceivedTensors.Count != gradients.Count)
        {
            throw new InvalidOperationException($"{result.ReceivedTensors.Count} tensors came back after {gradients.Count} were trained.");
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
