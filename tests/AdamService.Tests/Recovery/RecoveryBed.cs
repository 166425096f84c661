using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Durability;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Recovery;

/// <summary>What keeps and brings back sessions, on a real directory and without a service around it, so that a test can stand in the way.</summary>
internal sealed class RecoveryBed : IDisposable
{
    public RecoveryBed(string path, Func<ISessionMaker, ISessionMaker>? around = null, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        var options = Options.Create(new DurabilityOptions { Directory = path, LogSegmentBytes = 1 << 20 });
        Directory = new DataDirectory(options, FileSystem.Linux, Lab.Starts);
        Snapshots = new SnapshotStore(Directory, options, time, NullLogger<SnapshotStore>.Instance);
        Sessions = new SessionRegistry(Options.Create(new LimitsOptions()), Logs);
        Scheduler = new SnapshotScheduler(
            Sessions, Snapshots, Lab.Budget, Lab.StepThreads, options, time, NullLogger<SnapshotScheduler>.Instance);
        Keeper = new LogKeeper(Logs, Scheduler, Directory, options, time, NullLogger<LogKeeper>.Instance);
        Maker = around?.Invoke(Lab.Factory) ?? Lab.Factory;
        Recovery = new SessionRecovery(
            Directory,
            Snapshots,
            Scheduler,
            Keeper,
            Logs,
            Maker,
            Sessions,
            new IdleExpiry(Sessions, time, NullLogger<IdleExpiry>.Instance),
            Lab.Starts,
            options,
            time,
            NullLogger<SessionRecovery>.Instance);
    }

    public SessionLab Lab { get; } = new();

    public SessionLogs Logs { get; } = new();

    public DataDirectory Directory { get; }

    public SnapshotStore Snapshots { get; }

    public SessionRegistry Sessions { get; }

    public SnapshotScheduler Scheduler { get; }

    public LogKeeper Keeper { get; }

    public ISessionMaker Maker { get; }

    public SessionRecovery Recovery { get; }

    public async Task RecoverAsync()
    {
        await Recovery.StartingAsync(CancellationToken.None);
        await Recovery.Completion;
    }

    public void Dispose()
    {
        Keeper.Dispose();
        Scheduler.Dispose();
        Logs.Dispose();
        Directory.Dispose();
        Lab.Dispose();
    }
}
