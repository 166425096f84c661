namespace Adam.Service.Threads;

/// <summary>
/// The threads on which sessions are changed. They are the service's own, because the thread pool starts with as many
/// threads as there are processors, and a long step there would keep sockets from being read.
/// </summary>
internal sealed class EngineThreads : IDisposable
{
    // A monitor, because the threads wait on it for work.
    private readonly object _gate = new();
    private readonly Queue<IRunnable> _ready = new();
    private readonly Thread[] _threads;
    private int _running;
    private bool _ending;

    public EngineThreads()
    {
        _threads = new Thread[Environment.ProcessorCount];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(RunLoop) { IsBackground = true, Name = $"adam-engine-{i}" };
            _threads[i].Start();
        }
    }

    // Work that runs may put more in line, so an empty line alone is not the end.
    private bool IsOver => _ending && _ready.Count == 0 && _running == 0;

    /// <summary>Puts a runnable at the end of the line. It runs once, on any of the threads.</summary>
    /// <exception cref="ObjectDisposedException">The threads have ended; nothing would run it.</exception>
    public void Post(IRunnable runnable) => ObjectDisposedException.ThrowIf(!TryPost(runnable), this);

    /// <summary>The same, unless the threads have ended.</summary>
    /// <returns>False if they have.</returns>
    public bool TryPost(IRunnable runnable)
    {
        lock (_gate)
        {
            if (IsOver)
            {
                return false;
            }

            _ready.Enqueue(runnable);
            Monitor.Pulse(_gate);
            return true;
        }
    }

    /// <summary>Finishes what is in line, and what that puts in line, and ends the threads.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.PulseAll(_gate);
        }

        foreach (var thread in _threads)
        {
            thread.Join();
        }
    }

    private void RunLoop()
    {
        while (Take() is { } runnable)
        {
            runnable.Run();
            Finish();
        }
    }

    private IRunnable? Take()
    {
        lock (_gate)
        {
            while (_ready.Count == 0)
            {
                if (IsOver)
                {
                    return null;
                }

                Monitor.Wait(_gate);
            }

            _running++;
            return _ready.Dequeue();
        }
    }

    private void Finish()
    {
        lock (_gate)
        {
            _running--;
            if (IsOver)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }
}
