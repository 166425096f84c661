using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Log;
using Adam.Service.Storage.Safetensors;
using Adam.Storage.V1;
using Adam.V1;
using ErrorReason = Adam.V1.ErrorReason;
using SessionState = Adam.Storage.V1.SessionState;

namespace Adam.Service.Recovery;

/// <summary>
/// Makes sessions of what others were: the newest snapshot that is not too late, and the log from there on. One at a time for the node: it takes a disk, a
/// thread and the memory of a session as long as it lasts.
/// </summary>
internal sealed class PastStates(
    DataDirectory directory, SnapshotStore snapshots, SessionLogs logs, ISessionMaker maker, MemoryBudget budget, ILogger<PastStates> logger)
    : IPastStates, IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public async Task<SessionActor> MakeAsync(
        SessionActor parent, long iterations, Action<SessionState> adopt, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await StorageRefusals.RefuseAsync(() => FindAsync(parent, iterations, adopt, cancellationToken));
        }
        catch (Exception damaged) when (damaged is InvalidDataException or SafetensorsException or SessionRecordException or FileNotFoundException)
        {
            RecoveryLog.PastDamaged(logger, parent.Definition.SessionId, iterations, damaged.Message);
            throw new ServiceException(
                ErrorReason.SessionDamaged,
                $"at_iterations: session '{parent.Definition.SessionId}' cannot be brought back to iteration {iterations}, because a snapshot or the log is "
                + "damaged; the service's log says where. Leave at_iterations out to fork from the present state.",
                ("session_id", parent.Definition.SessionId));
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task<SessionActor> FindAsync(
        SessionActor parent, long iterations, Action<SessionState> adopt, CancellationToken cancellationToken)
    {
        // 1 Where to begin: the newest snapshot that is not too late; where none is, the beginning. What lies behind a newer one was looked at with that.
        List<SnapshotEntry?> begins = [.. SnapshotsOf(parent).Where(entry => entry.Iterations <= iterations)];
        if (begins.Count == 0)
        {
            begins.Add(null);
        }

        var until = ulong.MaxValue;
        foreach (var begin in begins)
        {
            // 2 On from there, until the moment has come.
            if (await TryFromAsync(parent, begin, until, iterations, adopt, cancellationToken) is { } child)
            {
                await BeginAsync(child);
                return child;
            }

            until = begin?.LogSequence ?? 0;
        }

        throw (await RetainedStates.OfAsync(parent, SnapshotsOf(parent), OldestLsn, () => BeginningOf(parent))).Refusal(parent, iterations);
    }

    private async Task<SessionActor?> TryFromAsync(
        SessionActor parent,
        SnapshotEntry? begin,
        ulong until,
        long iterations,
        Action<SessionState> adopt,
        CancellationToken cancellationToken)
    {
        // A snapshot stands for itself; more needs a log of which nothing is missing behind it.
        var from = (begin?.LogSequence ?? 0) + 1;
        var isLogged = parent.Definition.Tier == DurabilityTier.Log && (begin is null || RetainedStates.IsLogWhole(begin, OldestLsn));
        var live = isLogged ? logs.Log : null;
        if (live is null && begin?.Iterations != iterations)
        {
            return null;
        }

        try
        {
            using var log = live is null ? null : await Background.RunAsync(() => live.Read(from));
            var snapshot = begin is null ? null : await Background.RunAsync(() => Load(parent, begin, adopt));
            if (log is null || begin?.Iterations == iterations)
            {
                return snapshot;
            }

            var records = RecordsOf(parent, log, from).TakeWhile(record => record.Lsn <= until);
            if (begin is null && BeginningOf(log, records) is null)
            {
                return null;
            }

            var purpose = $"A record of session '{parent.Definition.SessionId}', which is made again,";
            await using var history = new SessionHistory(log, maker, records, snapshot, adopt, new RecordBuffer(budget, purpose));
            while (await history.NextAsync())
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (await IterationsOfAsync(history.Session!) == iterations)
                {
                    return history.Take();
                }
            }

            return null;
        }
        catch (FileNotFoundException) when (WasLetGo(parent, begin))
        {
            return null;
        }
    }

    // Snapshots and segments go while they are looked for; what should be there and is not is damage.
    private bool WasLetGo(SessionActor parent, SnapshotEntry? begin) =>
        begin is null || !SnapshotsOf(parent).Contains(begin) || !RetainedStates.IsLogWhole(begin, OldestLsn);

    private ulong OldestLsn => logs.Log?.OldestLsn ?? 0;

    private IReadOnlyList<SnapshotEntry> SnapshotsOf(SessionActor parent) => snapshots.Find(parent.Uid)?.Manifest.Snapshots ?? [];

    private SessionActor Load(SessionActor parent, SnapshotEntry entry, Action<SessionState> adopt) => SnapshotFile.Load(
        directory.Files,
        snapshots.Find(parent.Uid)!.PathOf(entry),
        entry,
        maker,
        state =>
        {
            adopt(state);
            return state.Generation;
        });

    private long? BeginningOf(SessionActor parent)
    {
        try
        {
            using var log = logs.Log?.Read();
            return log is null ? null : BeginningOf(log, RecordsOf(parent, log, LogFormat.FirstLsn));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static IEnumerable<LogRecord> RecordsOf(SessionActor parent, LogReader log, ulong from)
    {
        var key = SessionLogs.KeyOf(parent.Uid);
        return log.Records(from).Where(record => record.SessionUid == key);
    }

    private static long? BeginningOf(LogReader log, IEnumerable<LogRecord> records) =>
        records.Select(static record => (LogRecord?)record).FirstOrDefault() is { } first
            ? LogHead.Parser.ParseFrom(log.ReadHead(first)).Created?.State.Groups[0].Iterations
            : null;

    // Of its own from here on.
    private static Task BeginAsync(SessionActor child) => child.RunAsync(
        core =>
        {
            core.LogSequence = 0;
            core.Definition.Lineage!.ParentVersion = core.Version;
            core.Workers.Clear();
            return true;
        },
        CancellationToken.None);

    private static Task<long> IterationsOfAsync(SessionActor session) =>
        session.RunAsync(static core => core.Optimizer.Groups[0].Iterations, CancellationToken.None);
}
