using System.Diagnostics;
using Adam.Engine.Threads;

namespace Adam.Engine;

/// <summary>
/// The threads that large steps are spread over. They are started once, serve one step at a time, and help whoever calls: the caller
/// works too and never waits for them to start. A step that finds them busy with another one runs on its caller alone.
/// </summary>
/// <remarks>Results do not depend on the number of threads: work is cut at fixed places and put together in a fixed order.</remarks>
public sealed class StepThreads : IDisposable
{
    // After a step the threads look out for the next one for a moment before they sleep: waking a sleeping thread takes as long as
    // a small step. The moment is short, because a thread that looks out takes a processor from those who read sockets.
    private static readonly long LookoutTicks = Stopwatch.Frequency / 1_000_000 * 20;

    // A monitor, because the threads sleep on it.
    private readonly object _gate = new();
    private readonly Thread[] _helpers;
    private StepJob? _job;
    private long _round;
    private int _next;
    private int _sleeping;
    private int _inUse;
    private int _open;
    private int _working;
    private volatile bool _ending;

    /// <summary>Starts the threads.</summary>
    /// <param name="threadCount">How many threads a step may run on, the caller's own included; 1 or more. 1 starts none.</param>
    /// <exception cref="ArgumentOutOfRangeException">The count is below 1.</exception>
    public StepThreads(int threadCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threadCount, 1);
        _helpers = new Thread[threadCount - 1];
        for (int i = 0; i < _helpers.Length; i++)
        {
            _helpers[i] = new Thread(RunHelper) { IsBackground = true, Name = $"adam-step-{i + 1}" };
            _helpers[i].Start();
        }
    }

    /// <summary>How many threads a step may run on, the caller's own included.</summary>
    public int ThreadCount => _helpers.Length + 1;

    /// <summary>Ends the threads, after the step that they work on. Later steps run on their callers.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _ending = true;
            Monitor.PulseAll(_gate);
        }

        foreach (Thread helper in _helpers)
        {
            helper.Join();
        }
    }

    /// <summary>Does every item of a job and returns when all are done.</summary>
    internal void Run(StepJob job)
    {
        if (job.ItemCount <= 1 || _helpers.Length == 0 || _ending || Interlocked.CompareExchange(ref _inUse, 1, 0) != 0)
        {
            for (int item = 0; item < job.ItemCount; item++)
            {
                job.RunItem(item);
            }

            return;
        }

        _job = job;
        _next = 0;
        Volatile.Write(ref _open, 1);
        Interlocked.Increment(ref _round);
        if (Volatile.Read(ref _sleeping) > 0)
        {
            lock (_gate)
            {
                Monitor.PulseAll(_gate);
            }
        }

        RunItems(job);

        // Closed first, then looked at who is in: a helper goes in first and then looks whether it is still open. So none is overlooked.
        Interlocked.Exchange(ref _open, 0);
        var wait = default(SpinWait);
        while (Volatile.Read(ref _working) != 0)
        {
            wait.SpinOnce(sleep1Threshold: -1);
        }

        _job = null;
        Volatile.Write(ref _inUse, 0);
    }

    private void RunItems(StepJob job)
    {
        int count = job.ItemCount;
        for (int item = Interlocked.Increment(ref _next) - 1; item < count; item = Interlocked.Increment(ref _next) - 1)
        {
            job.RunItem(item);
        }
    }

    private void RunHelper()
    {
        long seen = 0;
        while (AwaitRound(ref seen))
        {
            Interlocked.Increment(ref _working);
            if (Volatile.Read(ref _open) != 0)
            {
                RunItems(_job!);
            }

            Interlocked.Decrement(ref _working);
        }
    }

    /// <summary>Waits until there is a round after the one that was seen last. False when the threads are to end.</summary>
    private bool AwaitRound(ref long seen)
    {
        long start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetTimestamp() - start < LookoutTicks && !_ending)
        {
            if (Volatile.Read(ref _round) != seen)
            {
                seen = Volatile.Read(ref _round);
                return true;
            }

            Thread.SpinWait(10);
        }

        lock (_gate)
        {
            // Counted as asleep before the last look: a round that begins after that look sees a sleeper and wakes it.
            Interlocked.Increment(ref _sleeping);
            while (Volatile.Read(ref _round) == seen && !_ending)
            {
                Monitor.Wait(_gate);
            }

            Interlocked.Decrement(ref _sleeping);
            seen = Volatile.Read(ref _round);
            return !_ending;
        }
    }
}
