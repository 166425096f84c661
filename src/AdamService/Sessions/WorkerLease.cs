namespace Adam.Service.Sessions;

/// <summary>One open stream's hold on a worker, until it ends or a newer one takes over.</summary>
internal sealed class WorkerLease(Worker worker, ulong epoch) : IDisposable
{
    private readonly CancellationTokenSource _fenced = new();

    /// <summary>The worker.</summary>
    public Worker Worker { get; } = worker;

    /// <summary>The epoch of this stream.</summary>
    public ulong Epoch { get; } = epoch;

    /// <summary>Fires when a newer stream has taken the worker over.</summary>
    public CancellationToken Fenced => _fenced.Token;

    /// <summary>Tells the stream. Returns at once: what the stream does about it runs on the thread pool.</summary>
    public void Fence() => _ = _fenced.CancelAsync();

    public void Dispose() => _fenced.Dispose();
}
