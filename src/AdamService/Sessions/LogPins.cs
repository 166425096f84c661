namespace Adam.Service.Sessions;

/// <summary>Which records of the step log sessions still need. May be asked and told from anywhere.</summary>
internal sealed class LogPins
{
    private readonly Lock _lock = new();
    private readonly Dictionary<UInt128, Pin> _pins = [];

    /// <summary>A session begins to need records.</summary>
    /// <param name="session">The session.</param>
    /// <param name="from">The first record that it may need.</param>
    public void Hold(UInt128 session, ulong from)
    {
        lock (_lock)
        {
            _pins.TryAdd(session, new Pin(from, from));
        }
    }

    /// <summary>A session has a snapshot more.</summary>
    /// <param name="session">The session.</param>
    /// <param name="oldest">The first record behind the oldest snapshot from which it may want to go on.</param>
    /// <param name="newest">The first record behind the newest one.</param>
    public void Advance(UInt128 session, ulong oldest, ulong newest)
    {
        lock (_lock)
        {
            if (_pins.ContainsKey(session))
            {
                _pins[session] = new Pin(oldest, newest);
            }
        }
    }

    /// <summary>A session needs nothing any more: nothing of it is on disk.</summary>
    public void Forget(UInt128 session)
    {
        lock (_lock)
        {
            _pins.Remove(session);
        }
    }

    /// <summary>The first record that somebody needs.</summary>
    /// <param name="otherwise">What comes out if nobody needs any.</param>
    /// <param name="isShort">Whether room is short: then nobody may go back behind his newest snapshot.</param>
    public ulong First(ulong otherwise, bool isShort)
    {
        lock (_lock)
        {
            var first = otherwise;
            foreach (var pin in _pins.Values)
            {
                first = Math.Min(first, isShort ? pin.Newest : pin.Oldest);
            }

            return first;
        }
    }

    /// <summary>The sessions that need a record below <paramref name="lsn"/> even if room is short: a snapshot would free them of it.</summary>
    public IReadOnlyList<UInt128> NeedingBelow(ulong lsn)
    {
        lock (_lock)
        {
            return [.. _pins.Where(pin => pin.Value.Newest < lsn).Select(static pin => pin.Key)];
        }
    }

    private readonly record struct Pin(ulong Oldest, ulong Newest);
}
