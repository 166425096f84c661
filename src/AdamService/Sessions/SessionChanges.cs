using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>
/// Tells those who watch a session that there is something new. Nothing is kept for them but the latest: whoever is slow misses what was in
/// between, and the session never waits for anybody.
/// </summary>
/// <param name="version">The session's version at its beginning.</param>
internal sealed class SessionChanges(ulong version) : IChangeWatch
{
    private readonly Lock _lock = new();
    private ulong _version = version;
    private ulong _workers;
    private long _count;
    private int _watchers;

    // Null while nobody waits.
    private TaskCompletionSource? _next;

    // All watchers get the same description, so that a change costs the session one turn, however many there are.
    private Task<(Session Session, long Count)>? _latest;

    /// <summary>Changes so far.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <inheritdoc/>
    public void OnTurn(SessionActor session, SessionCore core) => Note(core.Version, core.Workers.Revision);

    /// <summary>Looks whether a piece of work has changed anything. Called in the session's queue.</summary>
    /// <param name="version">The session's version now.</param>
    /// <param name="workers">The number of changes among its workers so far.</param>
    public void Note(ulong version, ulong workers)
    {
        if (version == _version && workers == _workers)
        {
            return;
        }

        (_version, _workers) = (version, workers);
        Interlocked.Increment(ref _count);
        Interlocked.Exchange(ref _next, null)?.TrySetResult();
    }

    /// <summary>Ends when there have been other changes than <paramref name="seen"/>.</summary>
    public Task PastAsync(long seen)
    {
        var next = Volatile.Read(ref _next);
        if (next is null)
        {
            var made = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            next = Interlocked.CompareExchange(ref _next, made, null) ?? made;
        }

        // Asked after there is something to wait for: a change that comes later ends it, and one that came before is seen here.
        return Count == seen ? next.Task : Task.CompletedTask;
    }

    /// <summary>The session as it is, or as it was when somebody asked who still waits for the answer.</summary>
    /// <param name="describe">Describes it in its queue, and says after how many changes.</param>
    public Task<(Session Session, long Count)> LatestAsync(Func<Task<(Session Session, long Count)>> describe)
    {
        lock (_lock)
        {
            return _latest is { IsCompleted: false } || (_latest is { IsCompletedSuccessfully: true } && _latest.Result.Count == Count)
                ? _latest
                : _latest = describe();
        }
    }

    /// <summary>Notes a watcher, until what is returned is disposed of. The last one takes the description along.</summary>
    public IDisposable Watch()
    {
        lock (_lock)
        {
            _watchers++;
        }

        return new Watcher(this);
    }

    private void Leave()
    {
        lock (_lock)
        {
            if (--_watchers == 0)
            {
                _latest = null;
            }
        }
    }

    private sealed class Watcher(SessionChanges changes) : IDisposable
    {
        public void Dispose() => changes.Leave();
    }
}
