namespace Adam.Service.Sessions;

/// <summary>When a session was last used, and whether somebody uses it now. May be asked and told from anywhere.</summary>
/// <param name="time">The clock.</param>
internal sealed class SessionUsage(TimeProvider time)
{
    private long _lastUsedTicks = time.GetUtcNow().UtcTicks;
    private int _uses;

    /// <summary>When it was last trained, read, written or changed.</summary>
    public DateTimeOffset LastUsedTime => new(Volatile.Read(ref _lastUsedTicks), TimeSpan.Zero);

    /// <summary>Whether a call that takes its time is under way: a stream of a worker, a read, a write.</summary>
    public bool IsInUse => Volatile.Read(ref _uses) > 0;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether it was used since so long ago.</summary>
    public bool WasUsedWithin(TimeSpan span) => time.GetUtcNow() - LastUsedTime < span;

    /// <summary>Notes a use that is over at once.</summary>
    public void Touch() => Volatile.Write(ref _lastUsedTicks, time.GetUtcNow().UtcTicks);

    /// <summary>Notes a use that lasts until what is returned is disposed of.</summary>
    public IDisposable Begin()
    {
        Touch();
        Interlocked.Increment(ref _uses);
        return new Use(this);
    }

    private void End()
    {
        // The time first: whoever sees that nobody uses it any more must see since when.
        Touch();
        Interlocked.Decrement(ref _uses);
    }

    private sealed class Use(SessionUsage usage) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (!Interlocked.Exchange(ref _isOver, true))
            {
                usage.End();
            }
        }
    }
}
