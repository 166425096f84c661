namespace Adam.Fuzz.Running;

/// <summary>
/// Runs asynchronous code on the thread that asks for it, to its end: what it does after a wait is done there too, and so counts as what its
/// input took and allocated. Without this the thread pool goes on with it wherever the answer was not there at once.
/// </summary>
internal sealed class OneThread : SynchronizationContext
{
    // A monitor, because the thread waits on it for work.
    private readonly object _gate = new();
    private readonly Queue<(SendOrPostCallback Work, object? State)> _ready = new();

    /// <summary>Runs the code and returns what it returns, or throws what it throws.</summary>
    public static T Run<T>(Func<Task<T>> code)
    {
        var before = Current;
        var context = new OneThread();
        SetSynchronizationContext(context);
        try
        {
            var result = code();
            context.WorkUntilEnd(result);
            return result.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        lock (_gate)
        {
            _ready.Enqueue((d, state));
            Monitor.Pulse(_gate);
        }
    }

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing is to wait for this thread.");

    private void WorkUntilEnd(Task result)
    {
        // The last thing that is posted: nothing comes after the end.
        result.ContinueWith(_ => Post(static _ => { }, null), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        while (!result.IsCompleted)
        {
            var (work, state) = Take();
            work(state);
        }
    }

    private (SendOrPostCallback Work, object? State) Take()
    {
        lock (_gate)
        {
            while (_ready.Count == 0)
            {
                Monitor.Wait(_gate);
            }

            return _ready.Dequeue();
        }
    }
}
