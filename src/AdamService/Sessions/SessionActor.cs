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
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ended = new();
    private long _lastUsedTicks;
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
        _time = time;
        _lastUsedTicks = time.GetUtcNow().UtcTicks;
    }

    /// <summary>What it was created as.</summary>
    public SessionDefinition Definition { get; }

    /// <summary>What makes it this one.</summary>
    public SessionIdentity Identity { get; private set; }

    /// <summary>Who is told of what changes. Null: nobody.</summary>
    public IChangeWatch? Watch { get; set; }

    /// <summary>16 random bytes: a session that is made again under the same id has others.</summary>
    public ByteString Uid => Identity.Uid;

    /// <summary>Raised when the past may have changed.</summary>
    public ulong Generation => Identity.Generation;

    /// <summary>The version that would survive a crash now. 0: none.</summary>
    public ulong DurableVersion => Definition.Tier switch
    {
        DurabilityTier.Snapshot => SnapshotVersion,
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

    /// <summary>Memory for what its clients send. Freed with the session, or when the last of it comes back.</summary>
    public StagingMemory Staging { get; }

    /// <summary>Whether a change waits for readers of what it would change.</summary>
    public bool IsChangeWaiting => _readers.IsChangeWaiting;

    /// <summary>When it was created.</summary>
    public DateTimeOffset CreateTime => Identity.CreateTime;

    /// <summary>When it was last trained, read, written or changed.</summary>
    public DateTimeOffset LastUsedTime => new(Volatile.Read(ref _lastUsedTicks), TimeSpan.Zero);

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
    public async Task<T> RunAsync<T>(Func<SessionCore, T> work, CancellationToken cancellationToken) =>
        await await EnqueueAsync(work, cancellationToken);

    /// <summary>The same in two steps: the outer task ends when the work is in line, the inner one when it is done.</summary>
    public Task<Task<T>> EnqueueAsync<T>(Func<SessionCore, T> work, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(Guarded(work), cancellationToken);

    /// <summary>Does something, in turn, that may change values: it waits for readers.</summary>
    /// <exception cref="ServiceException">SESSION_DELETED, or whatever <paramref name="work"/> refuses.</exception>
    public async Task<T> ChangeAsync<T>(Func<SessionCore, T> work, CancellationToken cancellationToken) =>
        await await EnqueueChangeAsync(work, cancellationToken);

    /// <summary>The same in two steps: the outer task ends when the work is in line, the inner one when it is done.</summary>
    public Task<Task<T>> EnqueueChangeAsync<T>(Func<SessionCore, T> work, CancellationToken cancellationToken) =>
        _queue.EnqueueAsync(Changing(work), _readers, cancellationToken);

    /// <summary>Notes that somebody uses the session: trains, reads, writes or changes it. Looking at it is no use.</summary>
    public void Touch() => Volatile.Write(ref _lastUsedTicks, _time.GetUtcNow().UtcTicks);

    /// <summary>
    /// Ends the session: what comes after this in the queue is refused, streams are told, memory is given back. Where readers still look at
    /// it, that is when they have finished or their time is up, and this does not wait for it.
    /// </summary>
    /// <returns>False if it had ended before.</returns>
    public async Task<bool> EndAsync()
    {
        var first = await _queue.RunAsync(
            () => _core.End(DeletedError(), () => _budget.Release(Definition.StateBytes)), CancellationToken.None);
        if (first)
        {
            Staging.Dispose();
            await _ended.CancelAsync();
        }

        return first;
    }

    /// <summary>The refusal of calls to a session that has ended.</summary>
    public ServiceException DeletedError() => new(
        ErrorReason.SessionDeleted,
        $"Session '{Definition.SessionId}' was deleted while the call ran.",
        ("session_id", Definition.SessionId));

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
            Watch?.OnTurn(this, _core);
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
            Watch?.OnTurn(this, _core);
        }
    };
}
