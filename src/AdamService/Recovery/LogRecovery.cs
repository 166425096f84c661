using Adam.Engine;
using Adam.Service.DataPlane;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Storage.V1;
using Google.Protobuf;

namespace Adam.Service.Recovery;

/// <summary>Brings sessions from their snapshots, or from nothing, to where the step log ends.</summary>
/// <param name="log">The log.</param>
/// <param name="maker">Makes the sessions that the log creates.</param>
/// <param name="progress">Called with the number of records that were replayed since the last call.</param>
internal sealed class LogRecovery(LogReader log, ISessionMaker maker, Action<int> progress)
{
    // Which records each session has, and of which of them it is known that they cannot be read.
    private readonly ILookup<UInt128, LogRecord> _records = log.Records().ToLookup(static record => record.SessionUid);
    private readonly ILookup<UInt128, LogDamage> _damage = log.Damage.ToLookup(static damage => damage.SessionUid ?? 0);

    /// <summary>The sessions that the log has records of.</summary>
    public IEnumerable<UInt128> Sessions => _records.Select(static records => records.Key);

    /// <summary>Replays the records of one session.</summary>
    /// <param name="uid">The session.</param>
    /// <param name="restored">The session out of its snapshot, and the last record whose effect is in it; null if it has none.</param>
    /// <exception cref="InvalidDataException">It cannot be brought to its end; says where it stopped and why.</exception>
    public async Task<RecoveredSession> RecoverAsync(UInt128 uid, (SessionActor Session, ulong Sequence)? restored)
    {
        var session = restored?.Session;
        var done = restored?.Sequence ?? 0;
        ThrowIfDamaged(uid, done);
        using var payload = new RecordBuffer();
        SessionReplay? replay = session is null ? null : new SessionReplay(session);
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
                    replay = new SessionReplay(session);
                }
                else
                {
                    await replay.ApplyAsync(record.Lsn, head, elements);
                }

                progress(1);
            }
            catch (Exception fault) when (fault is LogDamageException or InvalidDataException or InvalidProtocolBufferException or SessionRecordException or ServiceException)
            {
                throw new InvalidDataException($"record {record.Lsn} of the step log, at byte {record.Offset} of segment {record.SegmentLsn}: {fault.Message}", fault);
            }
        }

        return new RecoveredSession(session!, replay is { IsDeleted: true }, replay?.Count ?? 0);
    }

    private SessionActor Create(ulong sequence, LogHead head, NativePiece elements)
    {
        if (head.ChangeCase != LogHead.ChangeOneofCase.Created)
        {
            throw new InvalidDataException("it is the first of its session, and does not create it: older ones are missing, or its snapshot is");
        }

        var state = head.Created.State;
        return maker.Make(maker.Define(state), state, state.Generation, core =>
        {
            var payload = new RecordPayload(elements);
            foreach (var tensor in head.Created.InitialValues)
            {
                if (tensor >= core.Optimizer.Variables.Length)
                {
                    throw new InvalidDataException($"it has values of tensor {tensor}, and the session has {core.Optimizer.Variables.Length}");
                }

                var weights = core.Optimizer.Slot((int)tensor, AdamSlot.Weights);
                payload.Next(weights.DType, weights.ElementCount).CopyTo(weights);
            }

            payload.ThrowIfMore();
            core.LogSequence = sequence;
        });
    }

    private void ThrowIfDamaged(UInt128 uid, ulong done)
    {
        if (_damage[uid].FirstOrDefault(damage => damage.LastLsn is not { } last || last > done) is { } own)
        {
            throw new InvalidDataException(own.ToString());
        }

        // Whoever has a record behind the damage that goes on where it should has none in it.
        var newest = Math.Max(done, _records[uid].Select(static record => record.Lsn).DefaultIfEmpty().Max());
        if (_damage[0].FirstOrDefault(damage => damage.LastLsn is not { } last || last > newest) is { } unknown)
        {
            throw new InvalidDataException($"{unknown} It may be the session's.");
        }
    }
}
