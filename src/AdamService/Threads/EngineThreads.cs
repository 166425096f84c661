using System.Collections.Concurrent;

namespace Adam.Service.Threads;

/// <summary>
/// The threads on which sessions are changed. They are the service's own, because the thread pool starts with as many
/// threads as there are processors, and a long step there would keep sockets from being read.
/// </summary>
internal sealed class EngineThreads : IDisposable
{
    private readonly BlockingCollection<IRunnable> _ready = [];
    private readonly Thread[] _threads;

    public EngineThreads()
    {
        _threads = new Thread[Environment.ProcessorCount];
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(RunLoop) { IsBackground = true, Name = $"adam-engine-{i}" };
            _threads[i].Start();
        }
    }

    /// <summary>Puts a runnable at the end of the line. It runs once, on any of the threads.</summary>
    public void Post(IRunnable runnable) => _ready.Add(runnable);

    /// <summary>Finishes what is in line and ends the threads.</summary>
    public void Dispose()
    {
        _ready.CompleteAdding();
        foreach (var thread in _threads)
        {
            thread.Join();
        }

        _ready.Dispose();
    }

    private void RunLoop()
    {
        foreach (var runnable in _ready.GetConsumingEnumerable())
        {
            runnable.Run();
        }
    }
}
