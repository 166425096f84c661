using System.Collections.Concurrent;
using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.Recovery;

/// <summary>
/// Brings the sessions back that are on disk. It takes the directory before the service listens; the reading goes on while it listens, and nobody
/// finds a session before it is over.
/// </summary>
#pragma warning disable CA1001 // A cancellation source without a timer holds nothing that needs disposal.
internal sealed class SessionRecovery(
    DataDirectory directory,
    SnapshotStore snapshots,
    SnapshotScheduler scheduler,
    LogKeeper keeper,
    SessionLogs logs,
    ISessionMaker maker,
    SessionRegistry sessions,
    IdleExpiry expiry,
    StartCount starts,
    IOptions<DurabilityOptions> options,
    TimeProvider time,
    ILogger<SessionRecovery> logger) : IHostedLifecycleService
#pragma warning restore CA1001
{
    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Ends when all sessions are back that can be; fails if the directory cannot be read.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (directory.IsOn)
        {
            directory.Open();
            RecoveryLog.Begins(logger, directory.Path, starts.Starts);
            foreach (var fault in directory.NodeFaults)
            {
                RecoveryLog.NodeDamaged(logger, fault);
            }

            sessions.Recovering = "it has begun";
            Completion = Task.Run(RunAsync, CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Completion.WaitAsync(cancellationToken);

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => _stopping.CancelAsync();

    /// <summary>
    /// Waits until no session is brought back any more. The host calls this of all its services before it tells any that all have stopped, which is when
    /// sessions are written for the last time.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken) => await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task RunAsync()
    {
        var start = time.GetTimestamp();

        // 1 Every session as its newest intact snapshot has it.
        var loaded = await snapshots.LoadAllAsync(
            maker, (done, of) => sessions.Recovering = $"{done} of {of} snapshots are loaded", _stopping.Token);

        // 2 What the log has of each beyond that.
        using var log = await Background.RunAsync(() => LogReader.Open(directory.Files, directory.LogPath));
        foreach (var remark in log.Remarks)
        {
            RecoveryLog.Remark(logger, remark);
        }

        if (LogEnd.Fault(log, directory.NewestSegment) is { } missing)
        {
            throw new InvalidDataException(
                $"{missing} Restore them, or the mount that has them. If they cannot be had, start a service on an empty directory, and bring the sessions over "
                + "from the snapshots here with 'AdamService checkpoint import --file'.");
        }

        var inSnapshots = loaded.OfType<RestoredSession>().Select(static session => session.Snapshot.LogSequence).DefaultIfEmpty().Max();
        var recovery = new LogRecovery(
            log, maker, inSnapshots, done => sessions.Recovering = $"{done} of {log.NextLsn - log.OldestLsn} records of the step log are read");
        var outcomes = await RecoverAsync(recovery, loaded);

        // 3 What of the log is needed is known before any of it can go.
        var next = Math.Max(log.NextLsn, Math.Max(inSnapshots, outcomes.Select(static outcome => outcome.Session?.Sequence ?? 0).DefaultIfEmpty().Max()) + 1);
        foreach (var outcome in outcomes)
        {
            Hold(outcome, recovery, next);
        }

        // 4 From here on the log goes on, behind everything that anybody knows a number of.
        _stopping.Token.ThrowIfCancellationRequested();
        logs.Open(
            StepLog.Open(log, new StepLogOptions { SegmentBytes = options.Value.LogSegmentBytes }, logger, next),
            new RoomReserve(directory.Files, directory.ReservePath));
        directory.NoteSegment(next);
        var setAside = 0;
        await Parallel.ForEachAsync(outcomes, _stopping.Token, async (outcome, _) =>
        {
            if (!await PublishAsync(outcome))
            {
                Interlocked.Increment(ref setAside);
            }
        });

        sessions.Recovering = "";
        keeper.Release();
        RecoveryLog.Ends(
            logger,
            outcomes.Count(static outcome => !outcome.IsDeleted) - setAside,
            setAside,
            outcomes.Sum(static outcome => outcome.Session?.Replayed ?? 0),
            (long)time.GetElapsedTime(start).TotalMilliseconds);
    }

    private async Task<IReadOnlyList<RecoveryOutcome>> RecoverAsync(LogRecovery recovery, IReadOnlyList<LoadedSession> loaded)
    {
        var byUid = loaded.Where(static session => session.Uid.Length == SessionIdentity.UidBytes).ToDictionary(static session => SessionLogs.KeyOf(session.Uid));
        var outcomes = new ConcurrentBag<RecoveryOutcome>(
            loaded.Where(static session => session.Uid.Length != SessionIdentity.UidBytes).Select(RecoveryOutcome.Damaged));
        await Parallel.ForEachAsync(byUid.Keys.Union(recovery.Sessions), _stopping.Token, async (uid, _) =>
        {
            // Its disk and its steps keep this waiting; neither is the pool's business.
            outcomes.Add(await await Background.RunAsync(() => recovery.TryRecoverAsync(uid, byUid.GetValueOrDefault(uid), _stopping.Token)));
        });
        return [.. outcomes.OrderBy(static outcome => outcome.SessionId, StringComparer.Ordinal)];
    }

    // False if the session was set aside.
    private async Task<bool> PublishAsync(RecoveryOutcome outcome)
    {
        if (outcome.IsDeleted)
        {
            // The service ended between the record and the deletion of the files.
            try
            {
                await snapshots.DeleteAsync(outcome.Uid);
            }
            catch (StorageException refused)
            {
                // Tried again at the next start.
                RecoveryLog.Remark(logger, refused.Message);
            }

            return true;
        }

        if (outcome.Session is not { } recovered)
        {
            SetAside(outcome, outcome.Finding);
            return false;
        }

        var session = recovered.Session;
        try
        {
            await (recovered.Loaded is { } loaded ? snapshots.BeginUseAsync(loaded) : Task.CompletedTask);
        }
        catch (StorageException refused)
        {
            await session.EndAsync(isLogged: false);
            SetAside(outcome, refused.Message);
            return false;
        }

        session.Log = logs.Of(session.Definition.Tier, session.Uid);
        sessions.Restore(session);
        expiry.Watch(session);
        RecoveryLog.Restored(logger, outcome.SessionId, session.Version, session.Generation, recovered.Replayed);
        if (recovered.Replayed > 0)
        {
            scheduler.Request(session);
        }

        return true;
    }

    private void SetAside(RecoveryOutcome outcome, string finding)
    {
        RecoveryLog.SetAside(logger, outcome.SessionId, finding);
        if (outcome.SessionId.Length > 0)
        {
            sessions.SetAside(new SetAsideSession(outcome.SessionId, outcome.Uid, finding));
        }
    }

    // Those of tier LOG; and whoever restores the files of a session that was set aside needs its records, whether its id is known or not.
    private void Hold(RecoveryOutcome outcome, LogRecovery recovery, ulong next)
    {
        var isNeeded = outcome.Session is { } recovered ? recovered.Session.Definition.Tier == DurabilityTier.Log : !outcome.IsDeleted;
        if (isNeeded && outcome.Uid.Length == SessionIdentity.UidBytes)
        {
            var key = SessionLogs.KeyOf(outcome.Uid);
            logs.Pins.Hold(key, recovery.FirstRecordOf(key) ?? next);
        }
    }
}
