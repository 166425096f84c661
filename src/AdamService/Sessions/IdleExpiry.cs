using Adam.Service.Errors;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>Ends sessions that nobody has used for as long as their bounds allow.</summary>
internal sealed class IdleExpiry(SessionRegistry sessions, TimeProvider time, ILogger<IdleExpiry> logger)
{
    // A timer cannot wait for more than 49 days; it looks again then.
    private static readonly TimeSpan WaitMax = TimeSpan.FromDays(30);

    private readonly TimeProvider _time = time;

    /// <summary>Looks after a session from now on, if it may not rest for ever. It is forgotten when it ends.</summary>
    public void Watch(SessionActor session)
    {
        if (session.Definition.Bounds.IdleMax is { } idleMax)
        {
            new Deadline(this, session, idleMax).Start();
        }
    }

    private async Task<bool> TryEndAsync(SessionActor session)
    {
        try
        {
            // In the session's turn: whatever was in line before has been done, and counts as a use.
            if (!await sessions.TryRemoveAsync(session, _ => session.ExpireTime <= _time.GetUtcNow()))
            {
                return false;
            }

            SessionsLog.Expired(logger, session.Definition.SessionId, session.LastUsedTime);
            return true;
        }
        catch (ServiceException refused) when (refused.Reason is ErrorReason.StorageFull or ErrorReason.StorageFailed)
        {
            // Its log cannot take note of it now: later.
            session.Touch();
            return false;
        }
        catch (ObjectDisposedException)
        {
            // The service has stopped, and its sessions with it.
            return true;
        }
    }

    /// <summary>The time of one session. The timer keeps it, and it the timer.</summary>
    private sealed class Deadline
    {
        private readonly IdleExpiry _expiry;
        private readonly SessionActor _session;
        private readonly TimeSpan _idleMax;
        private readonly ITimer _timer;

        public Deadline(IdleExpiry expiry, SessionActor session, TimeSpan idleMax)
        {
            (_expiry, _session, _idleMax) = (expiry, session, idleMax);
            _timer = expiry._time.CreateTimer(
                static deadline => _ = ((Deadline)deadline!).LookAsync(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Start()
        {
            Wait();
            _session.Ended.UnsafeRegister(static (timer, _) => ((ITimer)timer!).Dispose(), _timer);
        }

        private async Task LookAsync()
        {
            if (!await _expiry.TryEndAsync(_session))
            {
                Wait();
            }
        }

        // While somebody uses the session its time does not run; it begins when that ends.
        private void Wait()
        {
            var left = _session.ExpireTime is { } expires ? expires - _expiry._time.GetUtcNow() : _idleMax;
            _timer.Change(TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(left.TotalMilliseconds), 1, WaitMax.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
        }
    }
}
