using System.Buffers.Binary;
using Adam.Service.Durability;
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
/// <param name="knownLsn">The last record of all that snapshots have: a log that ends before it has lost what was durable.</param>
/// <param name="progress">Called with the number of records that were read so far.</param>
internal sealed class LogRecovery(LogReader log, ISessionMaker maker, ulong knownLsn, Action<int> progress)
{
    // Which records each session has, and of which of them it is known that they cannot be read.
    private readonly ILookup<UInt128, LogRecord> _records = log.Records().ToLookup(static record => record.SessionUid);
    private readonly ILookup<UInt128, LogDamage> _damage =
        log.Damage.Concat(LogEnd.Missing(log, knownLsn)).ToLookup(static damage => damage.SessionUid ?? 0);

    private int _read;

    /// <summary>The sessions that the log has records of.</summary>
    public IEnumerable<UInt128> Sessions => _records.Select(static records => records.Key);

    /// <summary>The first record of a session that is there; null if it has none.</summary>
    public ulong? FirstRecordOf(UInt128 uid) => _records[uid].Select(static record => (ulong?)record.Lsn).FirstOrDefault();

    /// <summary>Makes one session what it was.</summary>
    /// <param name="uid">The session.</param>
    /// <param name="loaded">What its files gave; null if it has none.</param>
    /// <param name="cancellationToken">Ends it between two records.</param>
    public async Task<RecoveryOutcome> TryRecoverAsync(UInt128 uid, LoadedSession? loaded, CancellationToken cancellationToken)
    {
        var restored = loaded as RestoredSession;
        var id = loaded?.SessionId ?? "";
        SessionHistory? history = null;
        var bytes = loaded?.Uid ?? ToBytes(uid);
        if (IsDeleted(uid))
        {
            await EndAsync(restored?.Session);
            return new RecoveryOutcome(id, bytes, null, "") { IsDeleted = true };
        }

        try
        {
            var done = restored?.Snapshot.LogSequence ?? 0;
            ThrowIfDamaged(uid, restored);
            if (loaded is DamagedSession && !_records[uid].Any())
            {
                return RecoveryOutcome.Damaged(loaded);
            }

            if (restored is { Findings.Count: > 0 } && restored.Session.Definition.Tier == DurabilityTier.Log && log.OldestLsn > done + 1)
            {
                throw new InvalidDataException($"The step log does not reach back to the snapshot before, of version {restored.Snapshot.Version}.");
            }

            history = new SessionHistory(log, maker, _records[uid].Where(record => record.Lsn > done), restored?.Session);
            while (await history.NextAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                progress(Interlocked.Increment(ref _read));
            }

            if (history.IsDeleted)
            {
                throw new InvalidDataException("The step log has records of the session behind its deletion.");
            }

            var sequence = Math.Max(done, history.Sequence);
            id = history.Session!.Definition.SessionId;
            return new RecoveryOutcome(id, bytes, new RecoveredSession(history.Take()!, sequence, history.Replayed, restored), "");
        }
#pragma warning disable CA1031 // Whatever it is, the other sessions are to be served.
        catch (Exception damaged) when (damaged is not OperationCanceledException)
#pragma warning restore CA1031
        {
            id = id.Length > 0 ? id : IdOf(uid);
            return new RecoveryOutcome(id, bytes, null, string.Join(" ", [.. loaded?.Findings ?? [], damaged.Message]));
        }
        finally
        {
            await (history?.DisposeAsync() ?? new ValueTask(EndAsync(restored?.Session)));
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

    // Only of what can have lost something: the records that are damaged are the session's, or may be.
    private void ThrowIfDamaged(UInt128 uid, RestoredSession? restored)
    {
        var done = restored?.Snapshot.LogSequence ?? 0;
        if (_damage[uid].FirstOrDefault(damage => damage.LastLsn is not { } last || last > done) is { } own)
        {
            throw new InvalidDataException(own.ToString());
        }

        // A session of another tier has no records that could be missing, and one that was stopped in order has none behind its snapshot.
        var isLogged = restored?.Session.Definition.Tier is null or DurabilityTier.Log;
        var newest = Math.Max(done, _records[uid].Select(static record => record.Lsn).DefaultIfEmpty().Max());
        if (!isLogged || (restored is { IsComplete: true } && newest == done))
        {
            return;
        }

        // Whoever has a record behind the damage that goes on where it should has none in it.
        if (_damage[0].FirstOrDefault(damage => damage.LastLsn is not { } last || last > newest) is { } unknown)
        {
            throw new InvalidDataException($"{unknown} It may be the session's.");
        }
    }
}
