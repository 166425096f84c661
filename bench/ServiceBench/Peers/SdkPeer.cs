using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The service by the SDK, from gradients in the trainer's memory to weights there.</summary>
/// <param name="name">What it is called in tables.</param>
/// <param name="trainer">Who trains.</param>
/// <param name="options">How gradients travel, and what comes back.</param>
/// <param name="gradients">The gradients. Null: a dense one for each tensor.</param>
internal sealed class SdkPeer(string name, SdkTrainer trainer, StepOptions options, IReadOnlyList<TensorGradient>? gradients) : IPeer
{
    public string Name => name;

    public Task StepAsync() => trainer.StepAsync(options, gradients);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
