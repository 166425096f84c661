using System.Threading.Channels;

namespace Adam.Service.Threads;

/// <summary>
/// A bounded line of work that is done one piece at a time, in order, on the engine's threads. Whoever comes while it is full
/// waits: that is the back-pressure. A piece that stands before a closed gate, and what is behind it, waits without a thread.
/// </summary>
internal sealed class SerialQueue : IRunnable
{
    private readonly EngineThreads _threads;
    private readonly Channel<IPiece> _work;

    // The piece whose gate was closed when it was its turn. Touched in turns only.
    private IPiece? _held;

    // True if a gate may have opened since a turn began.
    private bool _resumed;

    // 1 while the queue is in line for a thread or on one, so that no two threads ever run it.
    private int _scheduled;

    public SerialQueue(EngineThreads threads, int capacity)
    {
        _threads = threads;
        _work = Channel.CreateBounded<IPiece>(new BoundedChannelOptions(capacity)
        {
            FullMode = BoundedChannelFullMode.Wait,
            SingleReader = true,
        });
    }

    /// <summary>Queues <paramref name="work"/> and returns what it returns, or throws what it throws.</summary>
    /// <exception cref="OperationCanceledException">
    /// The token fired before there was room. Once queued, work is done whatever the token says.
    /// </exception>
    public async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) =>
        await await EnqueueAsync(work, cancellationToken);

    /// <summary>Queues <paramref name="work"/>; the inner task is its completion.</summary>
    public Task<Task<T>> EnqueueAsync<T>(Func<T> work, CancellationToken cancellationToken) => EnqueueAsync(work, null, cancellationToken);

    /// <summary>The same for work that is done only when its gate is open.</summary>
    public async Task<Task<T>> EnqueueAsync<T>(Func<T> work, IGate? gate, CancellationToken cancellationToken)
    {
        var piece = new Piece<T>(work, gate);
        await _work.Writer.WriteAsync(piece, cancellationToken);
        Schedule();
        return piece.Completion;
    }

    /// <summary>Looks again at a piece whose gate was closed. May be called from anywhere, at any time, and after the threads have ended.</summary>
    public void Resume()
    {
        Interlocked.Exchange(ref _resumed, true);
        if (Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
        {
            // Timers and readers may come when the service has stopped; then there is nothing that waits.
            _threads.TryPost(this);
        }
    }

    void IRunnable.Run()
    {
        // Before the gate is asked: a call of Resume that comes later is seen below, or puts the queue in line itself.
        Interlocked.Exchange(ref _resumed, false);

        // One piece a turn, then to the end of the line: a busy session does not keep the others waiting.
        if (_held is not null || _work.Reader.TryRead(out _held))
        {
            if (_held.MayRun())
            {
                var piece = _held;
                _held = null;
                piece.Run();
            }
        }

        // The turn ends with the next line; after it, nothing of the turn may be looked at.
        var isHeld = _held is not null;
        Interlocked.Exchange(ref _scheduled, 0);
        if (isHeld ? Volatile.Read(ref _resumed) : _work.Reader.Count > 0)
        {
            Schedule();
        }
    }

    private void Schedule()
    {
        if (Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
        {
            _threads.Post(this);
        }
    }

    private interface IPiece : IRunnable
    {
        bool MayRun();
    }

    private sealed class Piece<T>(Func<T> work, IGate? gate) : IPiece
    {
        // Continuations belong to the thread pool, never to an engine thread.
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Completion => _completion.Task;

        public bool MayRun() => gate is null || gate.TryPass();

        public void Run()
        {
            try
            {
                _completion.SetResult(work());
            }
#pragma warning disable CA1031 // Whatever the work throws belongs to whoever waits for it.
            catch (Exception error)
#pragma warning restore CA1031
            {
                _completion.SetException(error);
            }
        }
    }
}
