using System.Threading.Channels;

namespace Adam.Service.Threads;

/// <summary>
/// A bounded line of work that is done one piece at a time, in order, on the engine's threads. Whoever comes while it is full
/// waits: that is the back-pressure.
/// </summary>
internal sealed class SerialQueue : IRunnable
{
    private readonly EngineThreads _threads;
    private readonly Channel<IRunnable> _work;

    // 1 while the queue is in line for a thread or on one, so that no two threads ever run it.
    private int _scheduled;

    public SerialQueue(EngineThreads threads, int capacity)
    {
        _threads = threads;
        _work = Channel.CreateBounded<IRunnable>(new BoundedChannelOptions(capacity)
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
    public async Task<Task<T>> EnqueueAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        var piece = new Piece<T>(work);
        await _work.Writer.WriteAsync(piece, cancellationToken);
        Schedule();
        return piece.Completion;
    }

    void IRunnable.Run()
    {
        // One piece a turn, then to the end of the line: a busy session does not keep the others waiting.
        if (_work.Reader.TryRead(out var piece))
        {
            piece.Run();
        }

        Volatile.Write(ref _scheduled, 0);
        if (_work.Reader.Count > 0)
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

    private sealed class Piece<T>(Func<T> work) : IRunnable
    {
        // Continuations belong to the thread pool, never to an engine thread.
        private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Completion => _completion.Task;

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
