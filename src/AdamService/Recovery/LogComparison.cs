using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Storage.Safetensors;
using Adam.Storage.V1;
using Google.Protobuf;

namespace Adam.Service.Recovery;

/// <summary>
/// Makes again what the step log has of a session, from the oldest snapshot on from which the log is whole, and compares with what came out when it was
/// made first.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="log">The log.</param>
/// <param name="maker">What makes sessions.</param>
internal sealed class LogComparison(FileSystem files, LogReader log, ISessionMaker maker)
{
    private readonly ILookup<UInt128, LogRecord> _records = log.Records().ToLookup(static record => record.SessionUid);

    /// <summary>The sessions that the log has records of.</summary>
    public IEnumerable<UInt128> Sessions => _records.Select(static records => records.Key);

    /// <summary>Compares one session.</summary>
    /// <param name="uid">The session.</param>
    /// <param name="folder">Its files; null if it has none.</param>
    public async Task<ComparedSession> RunAsync(UInt128 uid, SessionFolder? folder)
    {
        // Of the snapshots behind which nothing is missing, the oldest. Without one, the log itself must begin the session.
        var entry = folder?.Manifest.Snapshots.LastOrDefault(snapshot => log.OldestLsn <= snapshot.LogSequence + 1);
        var id = folder?.Manifest.SessionId ?? "";
        SessionActor? session = null;
        SessionReplay? replay = null;
        var at = 0ul;
        try
        {
            if (entry is not null)
            {
                session = await Background.RunAsync(() => Load(folder!.PathOf(entry), entry));
                replay = new SessionReplay(session);
            }

            var from = session?.Version ?? 0;
            using var payload = new RecordBuffer();
            foreach (var record in _records[uid].Where(record => entry is null || record.Lsn > entry.LogSequence))
            {
                at = record.Lsn;
                var head = LogHead.Parser.ParseFrom(log.ReadHead(record));
                if (head.ChangeCase == LogHead.ChangeOneofCase.Deleted)
                {
                    break;
                }

                var elements = payload.Room(record.PayloadLength);
                log.ReadPayload(record, elements);
                if (replay is null)
                {
                    if (head.ChangeCase != LogHead.ChangeOneofCase.Created)
                    {
                        return new ComparedSession(id, 0, 0, 0, 0, "nothing to begin from: its snapshot is missing or older than the log");
                    }

                    session = CreatedSessions.Make(maker, record.Lsn, head.Created, elements);
                    (id, from, replay) = (session.Definition.SessionId, session.Version, new SessionReplay(session));
                }
                else
                {
                    await replay.ApplyAsync(record.Lsn, head, elements);
                }
            }

            return new ComparedSession(id, from, session?.Version ?? from, replay?.Count ?? 0, replay?.Compared ?? 0, "");
        }
        catch (Exception fault) when (fault is InvalidDataException or LogDamageException or InvalidProtocolBufferException or SafetensorsException
            or SessionRecordException or ServiceException or FileNotFoundException or StorageException)
        {
            return new ComparedSession(id, 0, 0, replay?.Count ?? 0, replay?.Compared ?? 0, $"at record {at}: {fault.Message}");
        }
        finally
        {
            if (session is not null)
            {
                await session.EndAsync(isLogged: false);
            }
        }
    }

    private SessionActor Load(string path, SnapshotEntry entry)
    {
        using var file = files.Open(path, FileUse.Read);
        var header = StateFile.ReadHeader(file, entry.HeaderCrc32C);
        var definition = maker.Define(header.State);
        return maker.Make(
            definition,
            header.State,
            header.State.Generation,
            core => StateFile.ReadData(file, header, header.Begin(definition, array => core.Optimizer.Slot(array.Tensor, array.Slot))));
    }
}
