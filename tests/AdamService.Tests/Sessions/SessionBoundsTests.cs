using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.ControlPlane;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.Service.Threads;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Sessions;

/// <summary>A session keeps to its bounds: it ends when it has rested for its time, and not while somebody uses it; it queues what it may. The clock is held by hand.</summary>
public sealed class SessionBoundsTests : IDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(1);

    private readonly EngineThreads _threads = new();
    private readonly StepThreads _stepThreads = new(1);
    private readonly SteppedClock _clock = new();

    public void Dispose()
    {
        _threads.Dispose();
        _stepThreads.Dispose();
    }

    [Fact]
    public async Task Session_NotUsedForItsTime_IsEndedAndFreed()
    {
        var (registry, session, budget) = Make(0, Hour);
        Assert.Equal(session.CreateTime + Hour, session.ExpireTime);

        _clock.Advance(Hour - Moment);
        await TurnAsync(session);
        Assert.Same(session, registry.Find("s"));
        _clock.Advance(Moment);

        await Eventually.EqualAsync(null, () => registry.Find("s"));
        Assert.True(session.Ended.IsCancellationRequested);
        Assert.Equal((0, 0), (budget.ReservedBytes, _clock.WaitingCount));
    }

    [Fact]
    public async Task Session_UsedMeanwhile_LivesForItsTimeAfterThat()
    {
        var (registry, session, _) = Make(0, Hour);

        _clock.Advance(Hour - Moment);
        session.Touch();
        _clock.Advance(Moment);
        await TurnAsync(session);

        Assert.Same(session, registry.Find("s"));
        Assert.Equal(_clock.GetUtcNow() - Moment + Hour, session.ExpireTime);
        await Eventually.EqualAsync(1, () => _clock.WaitingCount);
        _clock.Advance(Hour - Moment);
        await Eventually.EqualAsync(null, () => registry.Find("s"));
    }

    [Fact]
    public async Task Session_InUse_DoesNotExpire_AndItsTimeBeginsWhenTheUseEnds()
    {
        var (registry, session, _) = Make(0, Hour);

        var use = session.Usage.Begin();
        for (var i = 0; i < 5; i++)
        {
            _clock.Advance(Hour * 2);
            await Eventually.EqualAsync(1, () => _clock.WaitingCount);
        }

        Assert.Null(session.ExpireTime);
        Assert.Same(session, registry.Find("s"));
        use.Dispose();
        use.Dispose();
        Assert.Equal(_clock.GetUtcNow() + Hour, session.ExpireTime);
        _clock.Advance(Hour);
        await Eventually.EqualAsync(null, () => registry.Find("s"));
    }

    [Fact]
    public async Task Session_TwoUses_IsInUseUntilBothEnd()
    {
        var (_, session, _) = Make(0, Hour);

        var (one, other) = (session.Usage.Begin(), session.Usage.Begin());
        one.Dispose();
        one.Dispose();
        Assert.Null(session.ExpireTime);
        other.Dispose();

        Assert.NotNull(session.ExpireTime);
        await TurnAsync(session);
    }

    [Fact]
    public void Session_OfNoTimeOfItsOwn_HasTheServices()
    {
        var (_, session, _) = Make(60, null);

        Assert.Equal(session.CreateTime + TimeSpan.FromMinutes(1), session.ExpireTime);
        Assert.Equal(1, _clock.WaitingCount);
    }

    [Fact]
    public void Session_OfNoTimeAtAll_RestsForEver()
    {
        var (_, session, _) = Make(0, null);

        Assert.Null(session.ExpireTime);
        Assert.Equal(0, _clock.WaitingCount);
    }

    [Fact]
    public async Task Session_OfALongTime_OutlivesTheLongestTimer()
    {
        var (registry, session, _) = Make(0, TimeSpan.FromDays(100));

        _clock.Advance(TimeSpan.FromDays(30));
        await Eventually.EqualAsync(1, () => _clock.WaitingCount);
        Assert.Same(session, registry.Find("s"));
        _clock.Advance(TimeSpan.FromDays(30));
        await Eventually.EqualAsync(1, () => _clock.WaitingCount);
        _clock.Advance(TimeSpan.FromDays(30));
        await Eventually.EqualAsync(1, () => _clock.WaitingCount);
        Assert.Same(session, registry.Find("s"));
        _clock.Advance(TimeSpan.FromDays(10));

        await Eventually.EqualAsync(null, () => registry.Find("s"));
    }

    [Fact]
    public async Task Session_ThatMayQueueOne_HoldsTheNextCallerBack()
    {
        var request = Requests.Create("s", [1f]);
        request.Limits = new SessionLimits { QueuedBatchesMax = 1 };
        var session = Make(request, 0).Session;
        using var open = new ManualResetEventSlim();
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        var running = Task.Run(() => session.RunAsync(
            _ =>
            {
                begun.SetResult();
                open.Wait();
                return true;
            },
            CancellationToken.None));
        await begun.Task;
        var queued = session.EnqueueChangeAsync(new NoChange(), CancellationToken.None).AsTask();
        var heldBack = session.EnqueueChangeAsync(new NoChange(), CancellationToken.None).AsTask();

        // Opened before anything is looked at: a thread that waits would outlive a failure.
        var are = (queued.IsCompleted, heldBack.IsCompleted);
        open.Set();
        Assert.Equal((true, false), are);
        Assert.True(await running && await await queued && await await heldBack);
    }

    // What was in line before has been done.
    private static Task<bool> TurnAsync(SessionActor session) => session.RunAsync(_ => true, CancellationToken.None);

    private (SessionRegistry Registry, SessionActor Session, MemoryBudget Budget) Make(int idleSeconds, TimeSpan? own)
    {
        var request = Requests.Create("s", [1f]);
        request.Limits = own is { } time ? new SessionLimits { IdleTimeout = Duration.FromTimeSpan(time) } : null;
        return Make(request, idleSeconds);
    }

    private (SessionRegistry Registry, SessionActor Session, MemoryBudget Budget) Make(CreateSessionRequest request, int idleSeconds)
    {
        var limits = Options.Create(new LimitsOptions { MemoryBytes = 1 << 20, IdleSeconds = idleSeconds });
        var budget = new MemoryBudget(limits);
        var factory = new SessionFactory(
            limits, Options.Create(new DurabilityOptions()), budget, _threads, _stepThreads, new StartCount(), _clock);
        var registry = new SessionRegistry(limits);
        var session = registry.Add(factory.Create(factory.Define(request), request), () => { });
        new IdleExpiry(registry, _clock, NullLogger<IdleExpiry>.Instance).Watch(session);
        return (registry, session, budget);
    }

    private sealed class NoChange : SessionChange<bool>
    {
        public override bool Make(SessionCore core) => true;
    }
}
