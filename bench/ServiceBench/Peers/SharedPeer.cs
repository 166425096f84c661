using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The service by the SDK over shared memory.</summary>
/// <param name="name">What it is called in tables.</param>
/// <param name="trainer">Who trains.</param>
/// <param name="withDigest">Whether batches carry a digest.</param>
internal sealed class SharedPeer(string name, SharedTrainer trainer, bool withDigest = false) : IPeer
{
    private readonly StepOptions _options = new() { Digest = withDigest };

    public string Name => name;

    public Task StepAsync() => trainer.StepAsync(_options);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
