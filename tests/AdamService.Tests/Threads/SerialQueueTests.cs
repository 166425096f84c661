using Adam.Service.Threads;

namespace Adam.Service.Tests.Threads;

public sealed class SerialQueueTests : IDisposable
{
    private readonly EngineThreads _threads = new();

    public void Dispose() => _threads.Dispose();

    [Fact]
    public async Task EnqueueAsync_ManyPieces_AreDoneInOrder()
    {
        var queue = new SerialQueue(_threads, 4);
        var done = new List<int>();
        var completions = new List<Task<int>>();

        for (var i = 0; i < 1000; i++)
        {
            var piece = i;
            completions.Add(await queue.EnqueueAsync(
                () =>
                {
                    // A list is not made for threads: two pieces at once would be seen here too.
                    done.Add(piece);
                    return piece;
                },
                CancellationToken.None));
        }

        Assert.Equal(Enumerable.Range(0, 1000), await Task.WhenAll(completions));
        Assert.Equal(Enumerable.Range(0, 1000), done);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RunAsync_ManyCallers_OneAtATime(bool isShort)
    {
        var queue = new SerialQueue(_threads, 2, isShort);
        var (inside, most, sum) = (0, 0, 0);

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                await queue.RunAsync(
                    () =>
                    {
                        most = Math.Max(most, Interlocked.Increment(ref inside));
                        sum++;
                        return Interlocked.Decrement(ref inside);
                    },
                    CancellationToken.None);
            }
        })));

        Assert.Equal((1, 1600), (most, sum));
    }

    [Fact]
    public async Task EnqueueAsync_FullQueue_WaitsForRoom()
    {
        var queue = new SerialQueue(_threads, 1);
        using var gate = new ManualResetEventSlim();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = await queue.EnqueueAsync(
            () =>
            {
                running.SetResult();
                gate.Wait();
                return 1;
            },
            CancellationToken.None);
        await running.Task;
        var second = await queue.EnqueueAsync(() => 2, CancellationToken.None);

        // The first one runs and the second fills the one place.
        var third = queue.EnqueueAsync(() => 3, CancellationToken.None);
        Assert.False(third.IsCompleted);
        gate.Set();

        Assert.Equal((1, 2, 3), (await first, await second, await await third));
    }

    [Fact]
    public async Task RunAsync_CancelledWhileItWaitsForRoom_IsNeverDone()
    {
        var queue = new SerialQueue(_threads, 1);
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var running = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var first = queue.RunAsync(
            () =>
            {
                running.SetResult();
                gate.Wait();
                return 1;
            },
            CancellationToken.None);
        await running.Task;
        var second = queue.RunAsync(() => 2, CancellationToken.None);
        var done = false;
        var third = queue.RunAsync(() => done = true, cancellation.Token);

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => third);
        gate.Set();

        Assert.Equal(3, await first + await second);
        Assert.Equal(4, await queue.RunAsync(() => 4, CancellationToken.None));
        Assert.False(done);
    }

    [Fact]
    public async Task RunAsync_CancelledOnceItIsInLine_IsDoneNevertheless()
    {
        var queue = new SerialQueue(_threads, 2);
        using var gate = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var first = queue.RunAsync(
            () =>
            {
                gate.Wait();
                return 1;
            },
            CancellationToken.None);
        var second = await queue.EnqueueAsync(() => 2, cancellation.Token);

        await cancellation.CancelAsync();
        gate.Set();

        Assert.Equal((1, 2), (await first, await second));
    }

    [Fact]
    public async Task RunAsync_WorkThatThrows_ThrowsAtTheCallerAndTheQueueGoesOn()
    {
        var queue = new SerialQueue(_threads, 2);

        var error = await Assert.ThrowsAsync<FormatException>(
            () => queue.RunAsync<int>(() => throw new FormatException("as thrown"), CancellationToken.None));

        Assert.Equal("as thrown", error.Message);
        Assert.Equal(5, await queue.RunAsync(() => 5, CancellationToken.None));
    }

    [Fact]
    public async Task RunAsync_Continuation_IsNotOnAnEngineThread()
    {
        var queue = new SerialQueue(_threads, 2);
        string? worker = null;

        await queue.RunAsync(() => worker = Thread.CurrentThread.Name, CancellationToken.None);

        Assert.StartsWith("adam-engine-", worker, StringComparison.Ordinal);
        Assert.NotEqual(worker, Thread.CurrentThread.Name);
    }

    [Fact]
    public async Task RunAsync_QueuesOnTheSameThreads_TakeTurns()
    {
        // As many busy queues as there are threads. Their second pieces wait for the other queue: if a queue kept its thread until
        // it is empty, all threads would wait for ever.
        var busy = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SerialQueue(_threads, 10)).ToList();
        using var gate = new ManualResetEventSlim();
        using var otherRan = new ManualResetEventSlim();
        var work = new List<Task<bool>>();
        foreach (var queue in busy)
        {
            work.Add(await queue.EnqueueAsync(() => Wait(gate), CancellationToken.None));
            work.Add(await queue.EnqueueAsync(() => Wait(otherRan), CancellationToken.None));
        }

        var other = new SerialQueue(_threads, 1).RunAsync(
            () =>
            {
                otherRan.Set();
                return true;
            },
            CancellationToken.None);
        gate.Set();

        Assert.All(await Task.WhenAll(work), Assert.True);
        Assert.True(await other);
    }

    [Fact]
    public async Task EnqueueAsync_GateThatIsClosed_HoldsEverythingBackWithoutAThread()
    {
        var queue = new SerialQueue(_threads, 4);
        var gate = new Gate();
        var first = await queue.EnqueueAsync(() => 1, gate, CancellationToken.None);
        var second = await queue.EnqueueAsync(() => 2, CancellationToken.None);
        await gate.Asked;

        // Were a thread waiting at the gate, the second of these would need it.
        var others = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new SerialQueue(_threads, 1)).ToList();
        using var meeting = new CountdownEvent(others.Count);
        var met = await Task.WhenAll(others.Select(other => other.RunAsync(
            () =>
            {
                meeting.Signal();
                return meeting.Wait(TimeSpan.FromSeconds(30));
            },
            CancellationToken.None)));
        var waits = !first.IsCompleted && !second.IsCompleted;
        gate.IsOpen = true;
        queue.Resume();

        Assert.All(met, Assert.True);
        Assert.True(waits);
        Assert.Equal((1, 2), (await first, await second));
    }

    [Fact]
    public async Task Resume_WhileTheGateIsAsked_IsNotLost()
    {
        var queue = new SerialQueue(_threads, 4);
        var gate = new Gate();

        // The gate opens, and says so, after it has been asked and before its no is acted upon.
        gate.OnAsked = () =>
        {
            gate.OnAsked = null;
            gate.IsOpen = true;
            queue.Resume();
            return false;
        };

        Assert.Equal(1, await await queue.EnqueueAsync(() => 1, gate, CancellationToken.None));
    }

    [Fact]
    public async Task RunAsync_ShortPiece_IsDoneByWhoBringsItUnlessAnotherIsUnderWay()
    {
        var queue = new SerialQueue(_threads, 4, isShort: true);
        var own = Environment.CurrentManagedThreadId;

        var first = queue.RunAsync(() => Environment.CurrentManagedThreadId, CancellationToken.None);
        Task<bool>? within = null;
        var isNested = false;
        var outer = queue.RunAsync(
            () =>
            {
                within = queue.RunAsync(() => isNested = true, CancellationToken.None);
                return isNested;
            },
            CancellationToken.None);

        Assert.True(first.IsCompletedSuccessfully && outer.IsCompletedSuccessfully);
        Assert.Equal(own, await first);
        Assert.False(await outer);
        Assert.True(await within!);
    }

    [Fact]
    public async Task Resume_ShortPiece_IsDoneThereOnlyIfItMay()
    {
        foreach (var mayWorkHere in new[] { true, false })
        {
            var queue = new SerialQueue(_threads, 4, isShort: true);
            var gate = new Gate();
            var held = await queue.EnqueueAsync(() => Environment.CurrentManagedThreadId, gate, CancellationToken.None);
            Assert.False(held.IsCompleted);
            gate.IsOpen = true;

            // On a thread that is not the pool's: there the piece could come to lie on the same one by chance.
            var done = (Thread: 0, AtOnce: false);
            var resumer = new Thread(() =>
            {
                queue.Resume(mayWorkHere);
                done = (Environment.CurrentManagedThreadId, held.IsCompleted);
            });
            resumer.Start();
            resumer.Join();

            Assert.Equal(mayWorkHere, done.Thread == await held);
            Assert.True(done.AtOnce || !mayWorkHere);
        }
    }

    [Fact]
    public async Task Resume_LongPiece_IsNeverDoneThere()
    {
        var queue = new SerialQueue(_threads, 4);
        var gate = new Gate();
        var held = await queue.EnqueueAsync(() => Thread.CurrentThread.Name, gate, CancellationToken.None);
        await gate.Asked;
        gate.IsOpen = true;

        queue.Resume(mayWorkHere: true);

        Assert.StartsWith("adam-engine-", await held, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_NothingHeld_DoesNothing()
    {
        var queue = new SerialQueue(_threads, 4);

        queue.Resume();
        Assert.Equal(1, await queue.RunAsync(() => 1, CancellationToken.None));
        _threads.Dispose();
        queue.Resume();
    }

    private sealed class Gate : IGate
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile bool _isOpen;

        public bool IsOpen
        {
            get => _isOpen;
            set => _isOpen = value;
        }

        public Func<bool>? OnAsked { get; set; }

        public Task Asked => _asked.Task;

        public bool TryPass()
        {
            _asked.TrySetResult();
            return OnAsked is { } answer ? answer() : IsOpen;
        }
    }

    // False after a time that only a thread which waits for itself needs.
    private static bool Wait(ManualResetEventSlim signal) => signal.Wait(TimeSpan.FromSeconds(30));
}
