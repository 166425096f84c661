using Adam.Service.SharedMemory;

namespace Adam.Service.Sessions;

/// <summary>One open stream's hold on a worker, until it ends or a newer one takes over.</summary>
internal sealed class WorkerLease(Worker worker, ulong epoch) : IDisposable
{
    private readonly CancellationTokenSource _fenced = new();
    private SharedGradientRegion? _gradients;

    /// <summary>The worker.</summary>
    public Worker Worker { get; } = worker;

    /// <summary>The epoch of this stream.</summary>
    public ulong Epoch { get; } = epoch;

    /// <summary>Fires when a newer stream has taken the worker over.</summary>
    public CancellationToken Fenced => _fenced.Token;

    /// <summary>The epoch of the stream that took over; 0 while none has.</summary>
    public ulong FencedBy { get; private set; }

    /// <summary>Where the worker's gradients are shared; null if they are not. Set once, in the session's queue; read from anywhere.</summary>
    public SharedGradientRegion? Gradients => Volatile.Read(ref _gradients);

    /// <summary>Gives the worker a region for its gradients, unless it has one. It is given back with the lease.</summary>
    /// <param name="gradients">The region, or null; null afterwards if it was taken.</param>
    public void Share(ref SharedGradientRegion? gradients)
    {
        if (_gradients is null)
        {
            Volatile.Write(ref _gradients, gradients);
            gradients = null;
        }
    }

    /// <summary>Tells the stream. Returns at once: what the stream does about it runs on the thread pool.</summary>
    /// <param name="epoch">The epoch of the stream that takes over.</param>
    public void Fence(ulong epoch)
    {
        FencedBy = epoch;
        _ = _fenced.CancelAsync();
    }

    public void Dispose()
    {
        _gradients?.Dispose();
        _fenced.Dispose();
    }
}
