using Adam.Service.Errors;
using Adam.Service.Threads;

namespace Adam.Service.Sessions;

/// <summary>
/// The readers who look at a session's values where they lie. As the gate of the session's queue it lets a change pass when none is left:
/// because they have finished, or because their time was up and what they had not read was put aside.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="queue">Its queue.</param>
/// <param name="afterEnd">
/// Where the freeing of a session that has ended waits for the last readers, so that what still comes into its own queue is refused at once.
/// </param>
/// <param name="patience">How long a change waits for them.</param>
/// <param name="time">The clock.</param>
#pragma warning disable CA1001 // The timer of a change that waits ends with its wait, which is bounded.
internal sealed class ReaderLeases(
    SessionDefinition session, SerialQueue queue, SerialQueue afterEnd, TimeSpan patience, TimeProvider time) : IGate
#pragma warning restore CA1001
{
    // Touched in the turns of the session's queue, and when the session has ended in those of the other one.
    private readonly List<ReadLease> _leases = [];
    private ServiceException? _deleted;
    private volatile SerialQueue _queue = queue;

    // Not null while a change waits.
    private volatile Patience? _patience;

    /// <summary>Whether a change waits for readers.</summary>
    public bool IsChangeWaiting => _patience is not null;

    private bool Any
    {
        get
        {
            _leases.RemoveAll(static lease => lease.IsOver);
            return _leases.Count > 0;
        }
    }

    /// <summary>Notes a reader. Called in the queue.</summary>
    public void Add(ReadLease lease)
    {
        // Who has finished is forgotten here, too: a session that only is read has no changes that would do it.
        _ = Any;
        _leases.Add(lease);
    }

    /// <summary>The session has ended. Called in its queue, once; nothing is lent any more.</summary>
    /// <param name="deleted">What readers are told whose time is up.</param>
    /// <param name="free">Frees the memory. Called when nobody reads it, which is at once if nobody does.</param>
    public void End(ServiceException deleted, Func<bool> free)
    {
        _deleted = deleted;
        if (Any)
        {
            _queue = afterEnd;
            _ = afterEnd.RunAsync(free, new LastGate(this), CancellationToken.None);
        }
        else
        {
            free();
        }
    }

    /// <inheritdoc/>
    public bool TryPass() => _deleted is not null || TryClear();

    /// <summary>A reader has given its lease back.</summary>
    public void OnReturn()
    {
        if (_patience is not null)
        {
            _queue.Resume();
        }
    }

    /// <summary>A reader does not look at memory any more. Only a change that found it looking needs to know.</summary>
    public void OnEnd()
    {
        if (_patience is { IsOver: true })
        {
            _queue.Resume();
        }
    }

    private bool TryClear()
    {
        if (_patience is null && Any)
        {
            // Who returns a lease from here on sees that somebody waits; who did just before is seen below.
            _patience = new Patience(_queue, patience, time);
            Interlocked.MemoryBarrier();
        }

        if (_patience is { IsOver: true })
        {
            _leases.RemoveAll(lease => lease.TryPutAside(session, _deleted));
        }

        if (Any)
        {
            return false;
        }

        _patience?.Dispose();
        _patience = null;
        return true;
    }

    private sealed class LastGate(ReaderLeases readers) : IGate
    {
        public bool TryPass() => readers.TryClear();
    }

    /// <summary>The time that one change waits.</summary>
    private sealed class Patience : IDisposable
    {
        private readonly ITimer? _timer;
        private volatile bool _isOver;

        public Patience(SerialQueue queue, TimeSpan patience, TimeProvider time)
        {
            _isOver = patience == TimeSpan.Zero;
            _timer = _isOver ? null : time.CreateTimer(
                _ =>
                {
                    _isOver = true;
                    queue.Resume();
                },
                null,
                patience,
                Timeout.InfiniteTimeSpan);
        }

        public bool IsOver => _isOver;

        public void Dispose() => _timer?.Dispose();
    }
}
