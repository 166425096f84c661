using System.Globalization;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Threads;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>A session: its identity, and the one queue through which everything that reads or changes it passes.</summary>
#pragma warning disable CA1001 // A cancellation source without a timer holds nothing that needs disposal, and streams may still look at it.
internal sealed class SessionActor
#pragma warning restore CA1001
{
    private readonly SessionCore _core;
    private readonly SerialQueue _queue;
    private readonly ReaderLeases _readers;
    private readonly MemoryBudget _budget;
    private readonly CancellationTokenSource _ended = new();
    private ulong _snapshotVersion;

    public SessionActor(
        SessionDefinition definition,
        SessionIdentity identity,
        SessionCore core,
        SerialQueue queue,
        ReaderLeases readers,
        MemoryBudget budget,
        StagingMemory staging,
        TimeProvider time)
    {
        Definition = definition;
        Identity = identity;
        _core = core;
        _queue = queue;
        _readers = readers;
        _budget = budget;
        Staging = staging;
        Usage = new SessionUsage(time);
        Changes = new SessionChanges(core.Version);
    }

    /// <summary>What it was created as.</summary>
    public SessionDefinition Definition { get; }

    /// <summary>What makes it this one.</summary>
    public SessionIdentity Identity { get; private set; }

    /// <summary>Who looks at it after each turn beside <see cref="Changes"/>: its snapshot clock. Null: nobody.</summary>
    public IChangeWatch? Watch { get; set; }

    /// <summary>Where its changes go before they are made; null below tier LOG. Set before anybody finds the session.</summary>
    public SessionLog? Log
    {
        get => _core.Log;
        set => _core.Log = value;
    }

    /// <summary>Raised by one with every change. May be read from anywhere.</summary>
    public ulong Version => _core.Version;

    /// <summary>16 random bytes: a session that is made again under the same id has others.</summary>
    public ByteString Uid => Identity.Uid;

    /// <summary>Raised when the past may have changed.</summary>
    public ulong Generation => Identity.Generation;

    /// <summary>The version that would survive a crash now. 0: none.</summary>
    public ulong DurableVersion => Definition.Tier switch
    {
        DurabilityTier.Snapshot => SnapshotVersion,

        // What is not in the log has not been made.
        DurabilityTier.Log => _core.Version,
        _ => 0,
    };

    /// <summary>The version in its newest snapshot on disk. 0: there is none.</summary>
    public ulong SnapshotVersion => Volatile.Read(ref _snapshotVersion);

    /// <summary>Notes that a snapshot is on disk.</summary>
    /// <param name="version">The version in it.</param>
    public void NoteSnapshot(ulong version) => Volatile.Write(ref _snapshotVersion, version);

    /// <summary>Gives the session another past. Called in its queue.</summary>
    /// <param name="generation">The generation from now on.</param>
    public void SetGeneration(ulong generation) => Identity = Identity with { Generation = generation };

    /// <summary>Where its memory is counted.</summary>
    public MemoryBudget Memory => _budget;

    /// <summary>Memory for what its clients send. Freed with the session, or when the last of it comes back.</summary>
    public StagingMemory Staging { get; }

    /// <summary>Whether a change waits for readers of what it would change.</summary>
    public bool IsChangeWaiting => _readers.IsChangeWaiting;

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreateTime => Identity.CreateTime;

    /// <summary>What those who watch it wait for.</summary>
    public SessionChanges Changes { get; }

    /// <summary>When it was last used, and whether it is now.</summary>
    public SessionUsage Usage { get; }

    /// <summary>When it was last trained, read, written or changed.</summary>
    public DateTimeOffset LastUsedTime => Usage.LastUsedTime;

    /// <summary>When it is ended unless somebody uses it before. Null: it may rest for ever, or somebody uses it now.</summary>
    public DateTimeOffset? ExpireTime => Definition.Bounds.IdleMax is { } idleMax && !Usage.IsInUse ? LastUsedTime + idleMax : null;

    /// <summary>Fires when the session is deleted.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Refuses a caller that means another session, or this one with another past.</summary>
    public void Verify(SessionRef reference)
    {
        if (!reference.SessionUid.IsEmpty && reference.SessionUid != Uid)
        {
            throw new ServiceException(
                ErrorReason.SessionReplaced,
                $"Session '{Definition.SessionId}' has been deleted and made again: its session_uid is not the one that was sent. Open it anew "
                + "without session_uid if the new one is meant.",
                ("session_id", Definition.SessionId));
        }

        if (reference.HasExpectedGeneration && reference.ExpectedGeneration != Generation)
        {
            throw new ServiceException(
                ErrorReason.GenerationChanged,
                $"Session '{Definition.SessionId}' is of generation {Generation}, not {reference.ExpectedGeneration}: its past may have changed. "
                + "Open it anew and read the weights.",
                ("generation", Generation.ToString(CultureInfo.InvariantCulture)),
                ("version", _core.Version.ToString(CultureInfo.InvariantCulture)));
        }
    }

    /// <summary>Does something with the session's state, in turn, that changes no values, and returns its result.</summary>
    /// <exception cref="ServiceException">SESSION_DELETED, or whatever <paramref name="work"/> refuses.</exception>
    public Task<T> RunAsync<T>(Func<SessionCore, T> work, CancellationToken cancellationToken) => _queue.RunAsync(Guarded(work), cancellationToken);

    /// <summary>Makes a change, in turn: it waits for the log, if there is one, and for readers.</summary>
    /// <exception cref="ServiceException">SESSION_DELETED, STORAGE_FULL, STORAGE_FAILED, or whatever the change refuses.</exception>
    public Task<T> ChangeAsync<T>(SessionChange<T> change, CancellationToken cancellationToken)
    {
        var turn = TurnOf(change);
        return _queue.RunAsync(turn.Run, turn, cancellationToken);
    }

    /// <summary>The same in two steps: the outer task ends when the change is in line, the inner one when it is made.</summary>
    public ValueTask<Task<T>> EnqueueChangeAsync<T>(SessionChange<T> change, CancellationToken cancellationToken)
    {
        var turn = TurnOf(change);
        return _queue.EnqueueAsync(turn.Run, turn, cancellationToken);
    }

    /// <summary>Does something, in turn, that no log needs to know of, but that may move values: it waits for readers.</summary>
    /// <exception cref="ServiceException">SESSION_DELETED, or whatever <paramref name="work"/> refuses.</exception>
    public Task<T> ChangeAsync<T>(Func<SessionCore, T> work, CancellationToken cancellationToken) =>
        _queue.RunAsync(Changing(work), _readers, cancellationToken);

    /// <summary>Notes that somebody uses the session: trains, reads, writes or changes it. Looking at it is no use.</summary>
    public void Touch() => Usage.Touch();

    /// <summary>
    /// Ends the session: what comes after this in the queue is refused, streams are told, memory is given back. Where readers still look at
    /// it, that is when they have finished or their time is up, and this does not wait for it.
    /// </summary>
    /// <param name="isLogged">Whether it is deleted for good: its log, if it has one, must then know of it first.</param>
    /// <param name="condition">Asked in the session's turn whether it is to end; null for yes.</param>
    /// <returns>False if it had ended before, or is not to end.</returns>
    /// <exception cref="ServiceException">STORAGE_FULL or STORAGE_FAILED: the log does not know of it; nothing has ended.</exception>
    public async Task<bool> EndAsync(bool isLogged, Func<SessionCore, bool>? condition = null)
    {
        var end = new EndChange(isLogged, condition, () => _core.End(DeletedError(), () => _budget.Release(Definition.StateBytes)));
        try
        {
            if (!await ChangeAsync(end, CancellationToken.None))
            {
                return false;
            }
        }
        catch (ServiceException deleted) when (deleted.Reason == ErrorReason.SessionDeleted)
        {
            return false;
        }

        Staging.Dispose();
        await _ended.CancelAsync();
        return true;
    }

    /// <summary>Ends a session that could not begin. Called in its queue.</summary>
    public void EndInTurn()
    {
        _core.End(DeletedError(), () => _budget.Release(Definition.StateBytes));
        Staging.Dispose();
        _ = _ended.CancelAsync();
    }

    /// <summary>The refusal of calls to a session that has ended.</summary>
    public ServiceException DeletedError() => new(
        ErrorReason.SessionDeleted,
        $"Session '{Definition.SessionId}' was deleted while the call ran.",
        ("session_id", Definition.SessionId));

    /// <summary>Tells whoever looks on that a turn of the queue is over. Called in it.</summary>
    public void AfterTurn()
    {
        Changes.OnTurn(this, _core);
        Watch?.OnTurn(this, _core);
    }

    private ChangeTurn<T> TurnOf<T>(SessionChange<T> change) => new(change, this, _core, _readers, _queue.Resume);

    private Func<T> Guarded<T>(Func<SessionCore, T> work) => () =>
    {
        if (_core.Deleted)
        {
            throw DeletedError();
        }

        try
        {
            return work(_core);
        }
        finally
        {
            // Settings have versions, too.
            _core.EndChange(null);
            AfterTurn();
        }
    };

    private Func<T> Changing<T>(Func<SessionCore, T> work) => () =>
    {
        if (_core.Deleted)
        {
            throw DeletedError();
        }

        var began = _core.BeginChange();
        try
        {
            return work(_core);
        }
        finally
        {
            _core.EndChange(began);
            AfterTurn();
        }
    };
}
