using Adam.Service.Errors;
using Adam.Service.Threads;

namespace Adam.Service.Sessions;

/// <summary>
/// The readers who look at a session's values where they lie. As the gate of the session's queue it lets a change pass when none is left:
/// because they have finished, or because their time was up and what they had not read was put aside.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="queue">Its queue.</param>
/// <param name="patience">How long a change waits for them.</param>
/// <param name="time">The clock.</param>
#pragma warning disable CA1001 // The timer of a change that waits ends with its wait, which is bounded.
internal sealed class ReaderLeases(SessionDefinition session, SerialQueue queue, TimeSpan patience, TimeProvider time) : IGate
#pragma warning restore CA1001
{
    // Touched in the queue's turns only.
    private readonly List<ReadLease> _leases = [];
    private ServiceException? _deleted;

    // Not null while a change waits.
    private volatile Patience? _patience;

    /// <summary>Whether anybody reads. Asked in the queue.</summary>
    public bool Any
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

    /// <summary>From now on readers whose time is up are ended. Called in the queue.</summary>
    /// <param name="deleted">What they are told.</param>
    public void EndReaders(ServiceException deleted) => _deleted = deleted;

    /// <inheritdoc/>
    public bool TryPass()
    {
        if (_patience is null && Any)
        {
            // Who returns a lease from here on sees that somebody waits; who did just before is seen below.
            _patience = new Patience(queue, patience, time);
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

    /// <summary>A reader has given its lease back.</summary>
    public void OnReturn()
    {
        if (_patience is not null)
        {
            queue.Resume();
        }
    }

    /// <summary>A reader does not look at memory any more. Only a change that found it looking needs to know.</summary>
    public void OnEnd()
    {
        if (_patience is { IsOver: true })
        {
            queue.Resume();
        }
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
