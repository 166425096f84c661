namespace Grpc.Core.Internal;

/// <summary>Fires once, at a time that may be further away than one timer can reach.</summary>
internal sealed class CallTimer : IDisposable
{
    /// <summary>Below the limit of <see cref="TimeProvider.CreateTimer"/>, which is 2^32 - 2 milliseconds.</summary>
    private static readonly TimeSpan StepMax = TimeSpan.FromDays(40);

    private readonly TimeProvider _time;
    private readonly DateTimeOffset _due;
    private readonly Action _fire;
    private readonly Lock _lock = new();
    private ITimer? _timer;
    private bool _disposed;

    private CallTimer(TimeProvider time, DateTimeOffset due, Action fire)
    {
        _time = time;
        _due = due;
        _fire = fire;
    }

    /// <summary>Starts a timer. A time that has passed fires at once, on another thread.</summary>
    public static CallTimer Start(TimeProvider time, DateTimeOffset due, Action fire)
    {
        CallTimer timer = new(time, due, fire);
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
        TimeSpan remaining = _due - _time.GetUtcNow();
        if (remaining <= TimeSpan.Zero)
        {
            return TimeSpan.Zero;
        }

        // Timers count whole milliseconds; a rounded-up one does not fire early and spin.
        TimeSpan wholeMilliseconds = TimeSpan.FromMilliseconds(Math.Ceiling(remaining.TotalMilliseconds));
        return wholeMilliseconds < StepMax ? wholeMilliseconds : StepMax;
    }
}
