using Adam.Service.Tests.Support;
using Adam.Service.Threads;

namespace Adam.Service.Tests.Threads;

public sealed class EngineThreadsTests
{
    [Fact]
    public void Dispose_WorkInLine_IsFinishedFirst()
    {
        var threads = new EngineThreads();
        var done = 0;
        for (var i = 0; i < 100; i++)
        {
            threads.Post(new Work(() => Interlocked.Increment(ref done)));
        }

        threads.Dispose();

        Assert.Equal(100, done);
    }

    [Fact]
    public async Task Dispose_QueueWithManyPieces_FinishesThemAll()
    {
        var threads = new EngineThreads();
        var queue = new SerialQueue(threads, 100);
        using var gate = new ManualResetEventSlim();
        var pieces = new List<Task<int>>();
        for (var i = 0; i < 50; i++)
        {
            var piece = i;
            pieces.Add(await queue.EnqueueAsync(
                () =>
                {
                    gate.Wait();
                    return piece;
                },
                CancellationToken.None));
        }

        // The end has begun, and waits for the threads, before the first piece is done: every other one is put in line after it.
        var disposing = new Thread(threads.Dispose);
        disposing.Start();
        await Eventually.EqualAsync(ThreadState.WaitSleepJoin, () => disposing.ThreadState & ThreadState.WaitSleepJoin);
        gate.Set();
        disposing.Join();

        Assert.Equal(Enumerable.Range(0, 50), await Task.WhenAll(pieces));
    }

    [Fact]
    public void Post_AfterDispose_IsRefused()
    {
        var threads = new EngineThreads();
        threads.Dispose();

        Assert.Throws<ObjectDisposedException>(() => threads.Post(new Work(() => { })));
    }

    private sealed class Work(Action run) : IRunnable
    {
        public void Run() => run();
    }
}
