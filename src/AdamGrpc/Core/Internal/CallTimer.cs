namespace Grpc.Core.Internal;

/// <summary>
/// Fires once, after a time that may be longer than one timer can reach. It does not follow the wall clock, which may be set meanwhile.
/// </summary>
internal sealed class CallTimer : IDisposable
{
    /// <summary>Below the limit of <see cref="TimeProvider.CreateTimer"/>, which is 2^32 - 2 milliseconds.</summary>
    private static readonly TimeSpan StepMax = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TimeSpan _delay;
    private readonly Action _fire;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _disposed;

    private CallTimer(TimeProvider time, TimeSpan delay, Action fire)
    {
        _time = time;
        _start = time.GetTimestamp();
        _delay = delay;
        _fire = fire;
    }

    /// <summary>Whether the time is over, even if the timer has not come to fire yet.</summary>
    public bool IsDue => Remaining <= TimeSpan.Zero;

    /// <summary>The time that is left. Not above zero when it is over.</summary>
    public TimeSpan Remaining => _delay - _time.GetElapsedTime(_start);

    /// <summary>Starts a timer. No time at all fires at once, on another thread.</summary>
    public static CallTimer Start(TimeProvider time, TimeSpan delay, Action fire)
    {
        CallTimer timer = new(time, delay, fire);
        lock (timer._lock)
        {
            timer._timer = time.CreateTimer(
                static state => ((CallTimer)state!).OnTick(), timer, timer.NextStep(), Timeout.InfiniteTimeSpan);
        }

        return timer;
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _timer?.Dispose();
        }
    }

    private void OnTick()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            if (NextStep() > TimeSpan.Zero)
            {
                _timer!.Change(NextStep(), Timeout.InfiniteTimeSpan);
                return;
            }
        }

        _fire();
    }

    private TimeSpan NextStep()
    {
        TimeSpan remaining = Remaining;
        if (remaining <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        // Timers count whole milliseconds; a rounded-up one does not fire early and spin.
        TimeSpan wholeMilliseconds = TimeSpan.FromMilliseconds(Math.Ceiling(remaining.TotalMilliseconds));
        return wholeMilliseconds < StepMax ? wholeMilliseconds : StepMax;
    }
}
