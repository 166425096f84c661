using System.Globalization;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Log;
using Adam.Storage.V1;
using ErrorReason = Adam.V1.ErrorReason;

namespace Adam.Service.Recovery;

/// <summary>Makes sessions of what others were: the newest snapshot that is not too late, and the log from there on.</summary>
internal sealed class PastStates(DataDirectory directory, SnapshotStore snapshots, ISessionMaker maker) : IPastStates
{
    /// <inheritdoc/>
    public async Task<SessionActor> MakeAsync(SessionActor parent, long iterations, Action<SessionState> adopt)
    {
        var entries = snapshots.Find(parent.Uid)?.Manifest.Snapshots.ToList() ?? [];
        using var log = await Background.RunAsync(() => LogReader.Open(directory.Files, directory.LogPath));
        var key = SessionLogs.KeyOf(parent.Uid);
        List<LogRecord> records = [.. log.Records().Where(record => record.SessionUid == key)];

        // 1 Where to begin: a snapshot, or the beginning.
        var entry = entries.FirstOrDefault(entry => entry.Iterations <= iterations);
        var begins = entry is not null ? entry.LogSequence : 0;
        var isFromLog = entry is null && records.Count > 0;
        SessionActor? child = null;
        try
        {
            using var payload = new RecordBuffer();
            SessionReplay? replay = null;
            if (entry is not null)
            {
                child = await Background.RunAsync(() => snapshots.Make(parent.Uid, entry, maker, adopt));
                replay = new SessionReplay(child);
            }

            // 2 On from there, until the moment has come.
            foreach (var record in records.Where(record => record.Lsn > begins))
            {
                if (child is not null && await IterationsOfAsync(child) >= iterations)
                {
                    break;
                }

                var head = LogHead.Parser.ParseFrom(log.ReadHead(record));
                var elements = payload.Room(record.PayloadLength);
                log.ReadPayload(record, elements);
                if (replay is null)
                {
                    if (!isFromLog || head.ChangeCase != LogHead.ChangeOneofCase.Created)
                    {
                        break;
                    }

                    adopt(head.Created.State);
                    child = CreatedSessions.Make(maker, record.Lsn, head.Created, elements);
                    replay = new SessionReplay(child);
                }
                else
                {
                    await replay.ApplyAsync(record.Lsn, head, elements);
                }
            }

            if (child is null || await IterationsOfAsync(child) != iterations)
            {
                throw NotRetained(parent, iterations, entries, records.Count > 0 && entries.Count == 0 ? 0 : null);
            }

            // 3 Of its own from here on.
            await child.RunAsync(
                core =>
                {
                    core.LogSequence = 0;
                    core.Definition.Lineage!.ParentVersion = core.Version;
                    core.Workers.Clear();
                    return true;
                },
                CancellationToken.None);
            return child;
        }
        catch (Exception fault)
        {
            if (child is not null)
            {
                await child.EndAsync(isLogged: false);
            }

            throw fault is LogDamageException or InvalidDataException
                ? new ServiceException(
                    ErrorReason.SessionDamaged,
                    $"at_iterations: the log of session '{parent.Definition.SessionId}' cannot be replayed to iteration {iterations}: {fault.Message}",
                    ("session_id", parent.Definition.SessionId))
                : fault is AggregateException { InnerException: { } inner } ? inner : fault;
        }
    }

    private static Task<long> IterationsOfAsync(SessionActor session) =>
        session.RunAsync(static core => core.Optimizer.Groups[0].Iterations, CancellationToken.None);

    private static ServiceException NotRetained(SessionActor parent, long iterations, List<SnapshotEntry> entries, long? begin)
    {
        var first = begin ?? (entries.Count > 0 ? entries.Min(static entry => entry.Iterations) : -1);
        return new ServiceException(
            ErrorReason.IterationNotRetained,
            $"at_iterations: the state of session '{parent.Definition.SessionId}' at iteration {iterations} is not there: "
            + (first < 0 ? "nothing earlier than its present state is kept." : $"what is kept begins at iteration {first}, and not every one after it may be.")
            + " Leave at_iterations out to fork from the present state.",
            ("first", first.ToString(CultureInfo.InvariantCulture)));
    }
}
