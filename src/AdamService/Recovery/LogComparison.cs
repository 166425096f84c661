using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Storage.Safetensors;

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
        SessionHistory? history = null;
        try
        {
            var snapshot = entry is null
                ? null
                : await Background.RunAsync(() => SnapshotFile.Load(files, folder!.PathOf(entry), entry, maker, static state => state.Generation));
            history = new SessionHistory(log, maker, _records[uid].Where(record => record.Lsn > (entry?.LogSequence ?? 0)), snapshot);
            var from = snapshot?.Version;
            while (await history.NextAsync())
            {
                from ??= history.Session!.Version;
            }

            id = history.Session?.Definition.SessionId ?? id;
            return new ComparedSession(id, from ?? 0, history.Session?.Version ?? 0, history.Replayed, history.Compared, "");
        }
        catch (Exception fault) when (fault is InvalidDataException or SafetensorsException or SessionRecordException or ServiceException
            or FileNotFoundException or StorageException)
        {
            id = history?.Session?.Definition.SessionId ?? id;
            return new ComparedSession(id, 0, 0, history?.Replayed ?? 0, history?.Compared ?? 0, fault.Message);
        }
        finally
        {
            if (history is not null)
            {
                await history.DisposeAsync();
            }
        }
    }
}
