using System.Collections.Concurrent;
using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.V1;
using Google.Protobuf;
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

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StoppedAsync(CancellationToken cancellationToken) =>
        await Completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

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

        var recovery = new LogRecovery(log, maker, done => sessions.Recovering = $"{done} of {log.NextLsn - log.OldestLsn} records of the step log are read");
        var outcomes = await RecoverAsync(recovery, loaded);

        // 3 From here on the log goes on, behind everything that anybody knows a number of.
        var known = outcomes.Select(static outcome => outcome.Session?.Sequence ?? 0).DefaultIfEmpty().Max();
        logs.Open(StepLog.Open(log, new StepLogOptions { SegmentBytes = options.Value.LogSegmentBytes }, logger, known + 1));
        foreach (var outcome in outcomes)
        {
            await PublishAsync(outcome, recovery);
        }

        sessions.Recovering = "";
        keeper.Release();
        RecoveryLog.Ends(
            logger,
            outcomes.Count(static outcome => outcome.Session is not null),
            outcomes.Count(static outcome => outcome.Finding.Length > 0),
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
            outcomes.Add(await await Background.RunAsync(() => recovery.TryRecoverAsync(uid, byUid.GetValueOrDefault(uid))));
        });
        return [.. outcomes.OrderBy(static outcome => outcome.SessionId, StringComparer.Ordinal)];
    }

    private async Task PublishAsync(RecoveryOutcome outcome, LogRecovery recovery)
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

            return;
        }

        if (outcome.Finding.Length > 0)
        {
            RecoveryLog.SetAside(logger, outcome.SessionId, outcome.Finding);
            if (outcome.SessionId.Length > 0)
            {
                sessions.SetAside(new SetAsideSession(outcome.SessionId, outcome.Uid, outcome.Finding));
            }

            // Whoever restores its files needs its records, whether its id is known or not.
            if (outcome.Uid.Length == SessionIdentity.UidBytes)
            {
                Hold(outcome.Uid, recovery);
            }

            return;
        }

        var session = outcome.Session!.Session;
        if (session.Definition.Tier == DurabilityTier.Log)
        {
            session.Log = logs.Of(session.Definition.Tier, session.Uid);
            Hold(session.Uid, recovery);
        }

        sessions.Restore(session);
        expiry.Watch(session);
        RecoveryLog.Restored(logger, outcome.SessionId, session.Version, session.Generation, outcome.Session.Replayed);
        if (outcome.Session.Replayed > 0)
        {
            scheduler.Request(session);
        }
    }

    private void Hold(ByteString uid, LogRecovery recovery)
    {
        var key = SessionLogs.KeyOf(uid);
        if (recovery.FirstRecordOf(key) is { } first)
        {
            logs.Pins.Hold(key, first);
        }
        else if (logs.Log is { } log)
        {
            logs.Pins.Hold(key, log.SyncedLsn + 1);
        }
    }
}
