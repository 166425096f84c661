using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Durability;

/// <summary>When a session is due for a snapshot.</summary>
public sealed class SnapshotClockTests : IDisposable
{
    private readonly SessionLab _lab = new();
    private readonly SteppedClock _time = new();
    private int _woken;

    public void Dispose() => _lab.Dispose();

    [Fact]
    public async Task Session_ThatIsReady_IsDueAtOnceAndThenNoMore()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot });

        await TurnAsync(session);

        Assert.Equal(TimeSpan.Zero, clock.Wait);
        Assert.True(clock.HasChanged);
        clock.Begin();
        clock.Note(1, 0);
        Assert.Null(clock.Wait);
        Assert.False(clock.HasChanged);
    }

    // Of a replayed session an orderly stop must not say that its snapshot has everything, as long as the one that was asked for did not come.
    [Fact]
    public async Task Session_ForWhichASnapshotWasAskedFor_HasChanged()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Log });
        await SaveAsync(session, clock);
        Assert.False(clock.HasChanged);

        clock.Request();

        Assert.True(clock.HasChanged);
        clock.Begin();
        clock.PutOff(TimeSpan.Zero);
        Assert.True(clock.HasChanged);
    }

    [Fact]
    public async Task Session_WithoutValues_IsNotDueAtOnce()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot }, isReady: false);

        await TurnAsync(session);

        Assert.Equal(TimeSpan.FromSeconds(300), clock.Wait);
    }

    [Fact]
    public async Task Session_ThatHasChanged_IsDueAfterItsTime()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot, SnapshotEvery = new() { Seconds = 20 } });
        await SaveAsync(session, clock);
        _woken = 0;

        await SessionLab.TrainAsync(session, 1, 1);

        Assert.Equal(1, _woken);
        Assert.Equal(TimeSpan.FromSeconds(20), clock.Wait);
        _time.Advance(TimeSpan.FromSeconds(19));
        Assert.Equal(TimeSpan.FromSeconds(1), clock.Wait);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(TimeSpan.Zero, clock.Wait);
    }

    [Fact]
    public async Task Session_WithANumberOfVersions_IsDueWithTheLastOfThem()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot, SnapshotEverySteps = 3 });
        await SaveAsync(session, clock);

        await SessionLab.TrainAsync(session, 1, 2);
        Assert.Equal(TimeSpan.FromSeconds(300), clock.Wait);
        await SessionLab.TrainAsync(session, 3, 1);

        Assert.Equal(TimeSpan.Zero, clock.Wait);
    }

    [Theory]
    [InlineData(2, 300)]
    [InlineData(3, 0)]
    public async Task Session_WithVersionsWhileASnapshotIsTaken_IsDueWithTheLastOfThem(int versions, int seconds)
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot, SnapshotEverySteps = 3 });
        await TurnAsync(session);
        clock.Begin();
        for (var step = 1; step <= versions; step++)
        {
            await SessionLab.TrainAsync(session, step, 1);
        }

        clock.Note(1, 0);

        Assert.Equal(TimeSpan.FromSeconds(seconds), clock.Wait);
    }

    [Fact]
    public async Task Session_WhoseSnapshotWasPutOff_IsDueLaterWhateverHappens()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot, SnapshotEverySteps = 1 });
        await TurnAsync(session);
        clock.Begin();
        clock.PutOff(TimeSpan.FromSeconds(5));

        await SessionLab.TrainAsync(session, 1, 3);

        Assert.Equal(TimeSpan.FromSeconds(5), clock.Wait);
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, clock.Wait);
    }

    // A batch that was skipped changes no version, but it is decided, and must not be decided again.
    [Fact]
    public async Task Session_WithADecisionAlone_HasChanged()
    {
        var (session, clock) = Begin(new V1.Durability { Tier = DurabilityTier.Snapshot });
        await SaveAsync(session, clock);

        await session.RunAsync(
            core =>
            {
                core.CountDecision();
                return true;
            },
            CancellationToken.None);

        Assert.True(clock.HasChanged);
    }

    private static async Task SaveAsync(SessionActor session, SnapshotClock clock)
    {
        await TurnAsync(session);
        clock.Begin();
        clock.Note(1, 0);
    }

    private static Task TurnAsync(SessionActor session) => session.RunAsync(_ => true, CancellationToken.None);

    private (SessionActor Session, SnapshotClock Clock) Begin(V1.Durability durability, bool isReady = true)
    {
        var request = Requests.Create("s", [1, 2, 3]);
        request.Durability = durability;
        if (!isReady)
        {
            request.InitialValues.Clear();
        }

        var session = _lab.Create(request);
        var clock = new SnapshotClock(session, TimeSpan.FromSeconds(300), 8, _time, () => _woken++);
        session.Watch = clock;
        return (session, clock);
    }
}
