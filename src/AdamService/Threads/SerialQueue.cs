using System.Threading.Channels;

namespace Adam.Service.Threads;

/// <summary>
/// A bounded line of work that is done one piece at a time, in order, on the engine's threads or, where it is short, by those who bring it. Whoever
/// comes while it is full waits: that is the back-pressure. A piece that stands before a closed gate, and what is behind it, waits without a thread.
/// </summary>
internal sealed class SerialQueue : IRunnable, IThreadPoolWorkItem
{
    private readonly EngineThreads _threads;
    private readonly bool _isShort;
    private readonly Channel<IPiece> _work;

    // The piece whose gate was closed when it was its turn. Touched in turns only.
    private IPiece? _held;

    // True if a gate may have opened since a turn began.
    private bool _resumed;

    // 1 while the queue is in line for a thread or on one, so that no two threads ever run it.
    private int _scheduled;

    /// <summary>Makes an empty line.</summary>
    /// <param name="threads">The threads that its work is done on.</param>
    /// <param name="capacity">How many pieces may be in line.</param>
    /// <param name="isShort">
    /// Whether each piece is over in microseconds. Then handing it to another thread would cost more than doing it: whoever brings a piece to an
    /// empty line does it at once, and all others are done on the thread pool, which the service shares with the sockets.
    /// </param>
    public SerialQueue(EngineThreads threads, int capacity, bool isShort = false)
    {
        (_threads, _isShort) = (threads, isShort);
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
    public Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken) => RunAsync(work, null, cancellationToken);

    /// <summary>The same for work that is done only when its gate is open.</summary>
    public Task<T> RunAsync<T>(Func<T> work, IGate? gate, CancellationToken cancellationToken)
    {
        // There is nearly always room, and then nothing but the work is to be waited for.
        var inLine = EnqueueAsync(work, gate, cancellationToken);
        return inLine.IsCompletedSuccessfully ? inLine.Result : WaitAsync(inLine);

        static async Task<T> WaitAsync(ValueTask<Task<T>> inLine) => await await inLine;
    }

    /// <summary>Queues <paramref name="work"/>; the inner task is its completion.</summary>
    public ValueTask<Task<T>> EnqueueAsync<T>(Func<T> work, CancellationToken cancellationToken) => EnqueueAsync(work, null, cancellationToken);

    /// <summary>The same for work that is done only when its gate is open.</summary>
    public async ValueTask<Task<T>> EnqueueAsync<T>(Func<T> work, IGate? gate, CancellationToken cancellationToken)
    {
        var piece = new Piece<T>(work, gate);
        await _work.Writer.WriteAsync(piece, cancellationToken);
        if (TryTakeTurn())
        {
            if (_isShort)
            {
                TakeTurn();
            }
            else
            {
                _threads.Post(this);
            }
        }

        return piece.Completion;
    }

    /// <summary>Looks again at a piece whose gate was closed. May be called from anywhere, at any time, and after the threads have ended.</summary>
    /// <param name="mayWorkHere">Whether a short piece may be done within this call. The caller must then hold nothing that the work could need.</param>
    public void Resume(bool mayWorkHere = false)
    {
        Interlocked.Exchange(ref _resumed, true);
        if (TryTakeTurn())
        {
            if (_isShort && mayWorkHere)
            {
                TakeTurn();
            }
            else
            {
                PassOn();
            }
        }
    }

    void IRunnable.Run() => TakeTurn();

    void IThreadPoolWorkItem.Execute() => TakeTurn();

    private bool TryTakeTurn() => Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0;

    private void TakeTurn()
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
        if ((isHeld ? Volatile.Read(ref _resumed) : _work.Reader.Count > 0) && TryTakeTurn())
        {
            PassOn();
        }
    }

    private void PassOn()
    {
        if (_isShort)
        {
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
        else
        {
            // Timers and readers may come when the service has stopped; then there is nothing that waits.
            _threads.TryPost(this);
        }
    }

    private interface IPiece : IRunnable
    {
        bool MayRun();
    }

    private sealed class Piece<T>(Func<T> work, IGate? gate) : IPiece
    {
        // Continuations belong to the thread pool, never to the thread that does the work.
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
