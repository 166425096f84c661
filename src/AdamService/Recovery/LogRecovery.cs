using System.Buffers.Binary;
using Adam.Engine;
using Adam.Service.DataPlane;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Storage.V1;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Recovery;

/// <summary>Brings sessions from their snapshots, or from nothing, to where the step log ends.</summary>
/// <param name="log">The log.</param>
/// <param name="maker">Makes the sessions that the log creates.</param>
/// <param name="progress">Called with the number of records that were read so far.</param>
internal sealed class LogRecovery(LogReader log, ISessionMaker maker, Action<int> progress)
{
    // Which records each session has, and of which of them it is known that they cannot be read.
    private readonly ILookup<UInt128, LogRecord> _records = log.Records().ToLookup(static record => record.SessionUid);
    private readonly ILookup<UInt128, LogDamage> _damage = log.Damage.ToLookup(static damage => damage.SessionUid ?? 0);

    private int _read;

    /// <summary>The sessions that the log has records of.</summary>
    public IEnumerable<UInt128> Sessions => _records.Select(static records => records.Key);

    /// <summary>The first record of a session that is there; null if it has none.</summary>
    public ulong? FirstRecordOf(UInt128 uid) => _records[uid].Select(static record => (ulong?)record.Lsn).FirstOrDefault();

    /// <summary>Makes one session what it was.</summary>
    /// <param name="uid">The session.</param>
    /// <param name="loaded">What its files gave; null if it has none.</param>
    public async Task<RecoveryOutcome> TryRecoverAsync(UInt128 uid, LoadedSession? loaded)
    {
        var restored = loaded as RestoredSession;
        var id = loaded?.SessionId ?? "";
        SessionActor? session = restored?.Session;
        var bytes = loaded?.Uid ?? ToBytes(uid);
        if (IsDeleted(uid))
        {
            await EndAsync(session);
            return new RecoveryOutcome(id, bytes, null, "") { IsDeleted = true };
        }

        try
        {
            var done = restored?.Snapshot.LogSequence ?? 0;
            ThrowIfDamaged(uid, done, isLogged: restored?.Session.Definition.Tier is null or DurabilityTier.Log);
            if (loaded is DamagedSession && !_records[uid].Any())
            {
                return RecoveryOutcome.Damaged(loaded);
            }

            if (restored is { Findings.Count: > 0 } && session!.Definition.Tier == DurabilityTier.Log && log.OldestLsn > done + 1)
            {
                throw new InvalidDataException($"The step log does not reach back to the snapshot before, of version {restored.Snapshot.Version}.");
            }

            using var payload = new RecordBuffer();
            var replay = session is null ? null : new SessionReplay(session);
            var sequence = done;
            foreach (var record in _records[uid].Where(record => record.Lsn > done))
            {
                try
                {
                    var head = LogHead.Parser.ParseFrom(log.ReadHead(record));
                    var elements = payload.Room(record.PayloadLength);
                    log.ReadPayload(record, elements);
                    if (replay is null)
                    {
                        session = Create(record.Lsn, head, elements);
                        id = session.Definition.SessionId;
                        replay = new SessionReplay(session);
                    }
                    else
                    {
                        await replay.ApplyAsync(record.Lsn, head, elements);
                    }

                    sequence = record.Lsn;
                    progress(Interlocked.Increment(ref _read));
                }
                catch (Exception fault) when (fault is LogDamageException or InvalidDataException or InvalidProtocolBufferException
                    or SessionRecordException or ServiceException)
                {
                    throw new InvalidDataException(
                        $"Record {record.Lsn} of the step log, at byte {record.Offset} of segment {record.SegmentLsn}: {fault.Message.TrimEnd('.')}.", fault);
                }
            }

            return new RecoveryOutcome(id, bytes, new RecoveredSession(session!, sequence, replay?.Count ?? 0), "");
        }
#pragma warning disable CA1031 // Whatever it is, the other sessions are to be served.
        catch (Exception damaged)
#pragma warning restore CA1031
        {
            await EndAsync(session);
            id = id.Length > 0 ? id : IdOf(uid);
            return new RecoveryOutcome(id, bytes, null, string.Join(" ", [.. loaded?.Findings ?? [], damaged.Message]));
        }
    }

    // Deleted is deleted, whatever else of it is damaged.
    private bool IsDeleted(UInt128 uid)
    {
        try
        {
            return _records[uid].Any()
                && LogHead.Parser.ParseFrom(log.ReadHead(_records[uid].Last())).ChangeCase == LogHead.ChangeOneofCase.Deleted;
        }
        catch (Exception unknown) when (unknown is LogDamageException or InvalidProtocolBufferException or StorageException)
        {
            return false;
        }
    }

    // The id as the record has it that created the session; empty if there is none that can be read.
    private string IdOf(UInt128 uid)
    {
        try
        {
            return _records[uid].Any() && LogHead.Parser.ParseFrom(log.ReadHead(_records[uid].First())).Created is { } created
                ? created.State.Definition.SessionId
                : "";
        }
        catch (Exception unknown) when (unknown is LogDamageException or InvalidProtocolBufferException or StorageException)
        {
            return "";
        }
    }

    private static Task EndAsync(SessionActor? session) => session?.EndAsync(isLogged: false) ?? Task.CompletedTask;

    private static ByteString ToBytes(UInt128 uid)
    {
        var bytes = new byte[SessionIdentity.UidBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, uid);
        return ByteString.CopyFrom(bytes);
    }

    private SessionActor Create(ulong sequence, LogHead head, NativePiece elements)
    {
        if (head.ChangeCase != LogHead.ChangeOneofCase.Created)
        {
            throw new InvalidDataException("it is the first of its session, and does not create it: older ones are missing, or its snapshot is");
        }

        return CreatedSessions.Make(maker, sequence, head.Created, elements);
    }

    private void ThrowIfDamaged(UInt128 uid, ulong done, bool isLogged)
    {
        if (_damage[uid].FirstOrDefault(damage => damage.LastLsn is not { } last || last > done) is { } own)
        {
            throw new InvalidDataException(own.ToString());
        }

        // A session of another tier has no records that could be missing.
        if (!isLogged)
        {
            return;
        }

        // Whoever has a record behind the damage that goes on where it should has none in it.
        var newest = Math.Max(done, _records[uid].Select(static record => record.Lsn).DefaultIfEmpty().Max());
        if (_damage[0].FirstOrDefault(damage => damage.LastLsn is not { } last || last > newest) is { } unknown)
        {
            throw new InvalidDataException($"{unknown} It may be the session's.");
        }
    }
}
