using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Log;
using Adam.Storage.V1;
using Google.Protobuf;
using ErrorReason = Adam.V1.ErrorReason;

namespace Adam.Service.Recovery;

/// <summary>
/// The states of one session, one after the other: as a snapshot has it, or as the log created it, and then after each of its later records. Whoever walks
/// through them may stop at any, and take the session as it is there; otherwise it ends with this.
/// </summary>
internal sealed class SessionHistory : IAsyncDisposable
{
    private readonly LogReader _log;
    private readonly ISessionMaker _maker;
    private readonly IEnumerator<LogRecord> _records;
    private readonly RecordBuffer _payload;
    private readonly Action<SessionState>? _adopt;
    private SessionReplay? _replay;

    /// <summary>Begins before the first state.</summary>
    /// <param name="log">The log.</param>
    /// <param name="maker">What makes sessions.</param>
    /// <param name="records">The session's records behind the snapshot, in their order; all of them if there is none.</param>
    /// <param name="snapshot">The session as the snapshot has it. Null: the first record creates it.</param>
    /// <param name="adopt">Gives the record of a session that the log creates another identity. Null: it keeps its own.</param>
    /// <param name="payload">Memory for records, which this disposes of. Null: it is counted nowhere.</param>
    public SessionHistory(
        LogReader log,
        ISessionMaker maker,
        IEnumerable<LogRecord> records,
        SessionActor? snapshot,
        Action<SessionState>? adopt = null,
        RecordBuffer? payload = null)
    {
        (_log, _maker, _records, _adopt, _payload) = (log, maker, records.GetEnumerator(), adopt, payload ?? new RecordBuffer());
        Session = snapshot;
        _replay = snapshot is null ? null : new SessionReplay(snapshot);
    }

    /// <summary>The session in its present state; null before the first one.</summary>
    public SessionActor? Session { get; private set; }

    /// <summary>The last record that was made again; 0 if none was.</summary>
    public ulong Sequence { get; private set; }

    /// <summary>Whether the walk has come to the session's deletion.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>How many changes were made again, beside its creation.</summary>
    public long Replayed => _replay?.Count ?? 0;

    /// <summary>How many steps were compared with what the log says of them.</summary>
    public long Compared => _replay?.Compared ?? 0;

    /// <summary>Goes on to the state after the next record.</summary>
    /// <returns>False if there is none: the session is as it was last, or was deleted.</returns>
    /// <exception cref="InvalidDataException">The record cannot be read or made again. Says which, where, and why.</exception>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: there is not enough memory.</exception>
    /// <exception cref="Storage.Files.StorageException">The log cannot be read.</exception>
    public async Task<bool> NextAsync()
    {
        if (IsDeleted || !_records.MoveNext())
        {
            return false;
        }

        var record = _records.Current;
        try
        {
            var head = LogHead.Parser.ParseFrom(_log.ReadHead(record));
            if (head.ChangeCase == LogHead.ChangeOneofCase.Deleted)
            {
                IsDeleted = true;
                return false;
            }

            var elements = _payload.Room(record.PayloadLength);
            _log.ReadPayload(record, elements);
            if (_replay is null)
            {
                Session = Create(record.Lsn, head, elements);
                _replay = new SessionReplay(Session);
            }
            else
            {
                await _replay.ApplyAsync(record.Lsn, head, elements);
            }

            Sequence = record.Lsn;
            return true;
        }
        catch (Exception fault) when (fault is LogDamageException or InvalidDataException or InvalidProtocolBufferException or SessionRecordException
            || fault is ServiceException { Reason: not ErrorReason.LimitExceeded })
        {
            throw new InvalidDataException(
                $"Record {record.Lsn} of the step log, at byte {record.Offset} of segment {record.SegmentLsn}: {fault.Message.TrimEnd('.')}.", fault);
        }
    }

    /// <summary>Gives the session away: it does not end with this.</summary>
    public SessionActor? Take()
    {
        var session = Session;
        Session = null;
        return session;
    }

    public async ValueTask DisposeAsync()
    {
        _records.Dispose();
        _payload.Dispose();
        if (Session is { } session)
        {
            Session = null;
            await session.EndAsync(isLogged: false);
        }
    }

    private SessionActor Create(ulong sequence, LogHead head, Storage.Files.NativePiece elements)
    {
        if (head.ChangeCase != LogHead.ChangeOneofCase.Created)
        {
            throw new InvalidDataException("it is the first of its session, and does not create it: older ones are missing, or its snapshot is");
        }

        _adopt?.Invoke(head.Created.State);
        return CreatedSessions.Make(_maker, sequence, head.Created, elements);
    }
}
