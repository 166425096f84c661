using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Durability;

/// <summary>The clock is held by hand, so a rest that begins lasts an hour, or until somebody is in a hurry.</summary>
public sealed class PaceTests : IDisposable
{
    private readonly SteppedClock _clock = new();
    private readonly CancellationTokenSource _hurry = new();

    public void Dispose() => _hurry.Dispose();

    [Fact]
    public async Task Rest_SessionIsInUse_LastsUntilSomebodyIsInAHurry()
    {
        var usage = new SessionUsage(_clock);
        using var use = usage.Begin();
        var pace = new Pace(usage, _hurry.Token);
        _clock.Advance(TimeSpan.FromHours(1));

        var resting = Task.Factory.StartNew(pace.Rest, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await _hurry.CancelAsync();
        await resting;

        _clock.Advance(TimeSpan.FromHours(1));
        pace.Rest();
    }

    [Fact]
    public async Task Rest_AfterAStep_LastsAsLongAsTheWork()
    {
        var usage = new SessionUsage(_clock);
        var pace = new Pace(usage, _hurry.Token);
        _clock.Advance(TimeSpan.FromSeconds(1));
        usage.Touch();
        var start = TimeProvider.System.GetTimestamp();

        await Task.Factory.StartNew(pace.Rest, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        Assert.True(TimeProvider.System.GetElapsedTime(start) > TimeSpan.FromMilliseconds(900));
        pace.Rest();
    }

    [Theory]
    [InlineData(3600, 3600)]
    [InlineData(3600, 0.019)]
    public void Rest_NobodyUsesTheSessionOrLittleWasDone_IsNone(double idleSeconds, double workedSeconds)
    {
        var usage = new SessionUsage(_clock);
        _clock.Advance(TimeSpan.FromSeconds(idleSeconds));
        var pace = new Pace(usage, _hurry.Token);
        using var use = workedSeconds < 1 ? usage.Begin() : null;
        _clock.Advance(TimeSpan.FromSeconds(workedSeconds));

        pace.Rest();
    }
}
