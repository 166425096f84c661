using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.Durability;

/// <summary>
/// When a session is due for a snapshot: as soon as it is ready, so that there are files that know its id; then after a number of versions, a time, or so
/// much log, if anything has changed.
/// </summary>
internal sealed class SnapshotClock : IChangeWatch
{
    // A small session is not to be written again and again for the heads of its records: each time the file system's journal is synchronised, which the log
    // waits for.
    private const long LogBytesMin = 4 << 20;

    private readonly TimeProvider _time;
    private readonly Action _wake;
    private readonly ulong? _everyVersions;
    private readonly TimeSpan _every;
    private readonly long _logBytesMax;

    // What the last snapshot has. Written when one is done, read in turns of the session.
    private ulong _version;
    private long _decisions;
    private volatile bool _hasSnapshot;

    private volatile bool _isDue;
    private volatile bool _isTaken;
    private long _since;
    private long _presentDecisions;
    private TimeSpan _putOff;
    private long _logBytes;

    /// <summary>Begins with a session as it is added.</summary>
    /// <param name="session">The session. A snapshot that it was made from counts as its last one.</param>
    /// <param name="every">The time for sessions that do not say otherwise.</param>
    /// <param name="logOfStates">After how much log it is due, in multiples of its state.</param>
    /// <param name="time">The clock.</param>
    /// <param name="wake">Called when it is due by what happened in the session; in its queue.</param>
    public SnapshotClock(SessionActor session, TimeSpan every, double logOfStates, TimeProvider time, Action wake)
    {
        (Session, _time, _wake) = (session, time, wake);
        var durability = session.Definition.Normalised.Durability;
        _everyVersions = durability.HasSnapshotEverySteps ? durability.SnapshotEverySteps : null;
        _every = durability.SnapshotEvery?.ToTimeSpan() ?? every;
        _logBytesMax = (long)Math.Min(long.MaxValue, logOfStates * Math.Max(session.Definition.StateBytes, LogBytesMin));
        _logBytes = session.Log?.Bytes ?? 0;
        _version = session.SnapshotVersion;
        _hasSnapshot = _version > 0;
        _since = time.GetTimestamp();
    }

    /// <summary>The session.</summary>
    public SessionActor Session { get; }

    /// <summary>When its last snapshot began, by the clock's timestamps.</summary>
    public long Since => Volatile.Read(ref _since);

    /// <summary>Whether something was decided that the last snapshot does not have, or there is none, or somebody has asked for one.</summary>
    public bool HasChanged => !_hasSnapshot || _isDue || Volatile.Read(ref _presentDecisions) != Volatile.Read(ref _decisions);

    /// <summary>How long until it is due; zero if it is. Null: it never is, as long as nothing happens.</summary>
    public TimeSpan? Wait
    {
        get
        {
            var elapsed = _time.GetElapsedTime(Volatile.Read(ref _since));
            var wait = _putOff > TimeSpan.Zero ? _putOff - elapsed : _isDue ? TimeSpan.Zero : HasChanged ? _every - elapsed : (TimeSpan?)null;
            return wait < TimeSpan.Zero ? TimeSpan.Zero : wait;
        }
    }

    /// <inheritdoc/>
    public void OnTurn(SessionActor session, SessionCore core)
    {
        var before = Volatile.Read(ref _presentDecisions);
        Volatile.Write(ref _presentDecisions, core.Decisions);
        if (_isDue || _isTaken)
        {
            // What the snapshot that is being taken does not have is looked at after it.
            return;
        }

        var enough = core.Version - Volatile.Read(ref _version) >= _everyVersions
            || (core.Log is { } log && log.Bytes - Volatile.Read(ref _logBytes) >= _logBytesMax);
        if (_hasSnapshot ? enough : core.State == V1.SessionState.Ready)
        {
            Request();
        }
        else if (before == Volatile.Read(ref _decisions) && before != core.Decisions)
        {
            // The first change since the last snapshot: now there is a time to wait for.
            _wake();
        }
    }

    /// <summary>Makes the session due now.</summary>
    public void Request()
    {
        _isDue = true;
        _wake();
    }

    /// <summary>A snapshot is about to be taken: what comes from here on is for the next one.</summary>
    public void Begin()
    {
        _isTaken = true;
        _isDue = false;
        _putOff = TimeSpan.Zero;
        Volatile.Write(ref _since, _time.GetTimestamp());
        Volatile.Write(ref _logBytes, Session.Log?.Bytes ?? 0);
    }

    /// <summary>A snapshot is on disk.</summary>
    /// <param name="version">The version in it.</param>
    /// <param name="decisions">What had been decided in it.</param>
    public void Note(ulong version, long decisions)
    {
        Volatile.Write(ref _version, version);
        Volatile.Write(ref _decisions, decisions);
        _hasSnapshot = true;
        _isTaken = false;

        // What came meanwhile may have been enough for the next one, and no other turn may come to see it.
        if (Session.Version - version >= _everyVersions)
        {
            Request();
        }
    }

    /// <summary>There was none, for now.</summary>
    /// <param name="wait">When to try again.</param>
    public void PutOff(TimeSpan wait) => (_putOff, _isDue, _isTaken) = (wait, true, false);
}
