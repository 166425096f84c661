using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.StepBench;

namespace Adam.Bench.ServiceBench;

/// <summary>What the service is compared with for one model. Each is there from the time on when it is asked for, and takes part in every part.</summary>
/// <param name="workload">The model.</param>
/// <param name="withTorch">Whether torch takes part, which has to be installed.</param>
internal sealed class Yardsticks(Workload workload, bool withTorch) : IAsyncDisposable
{
    private RawPeer? _raw;
    private EnginePeer? _engine;
    private double? _torch;

    /// <summary>The model.</summary>
    public Workload Workload => workload;

    /// <summary>Raw HTTP/2 with as many bytes as float32 gradients in and weights out.</summary>
    public async Task<IPeer> GetRawAsync() => _raw ??= await RawPeer.StartAsync(workload.Parameters * sizeof(float));

    /// <summary>The engine in this process.</summary>
    public IPeer GetEngine() => _engine ??= new EnginePeer("the engine, in process", workload);

    /// <summary>The milliseconds of a step of torch; null if it does not take part. Small models are none for it.</summary>
    public double? GetTorch() => withTorch && !workload.IsSmall ? _torch ??= 1e3 * Torch.Seconds(workload.Parameters, Environment.ProcessorCount) : null;

    public async ValueTask DisposeAsync()
    {
        await (_engine?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_raw?.DisposeAsync() ?? ValueTask.CompletedTask);
    }
}
