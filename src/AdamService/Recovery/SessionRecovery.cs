using Adam.Service.Durability;
using Adam.Service.Sessions;

namespace Adam.Service.Recovery;

/// <summary>
/// Brings the sessions back that are on disk. It takes the directory before the service listens; the reading goes on while it listens, and nobody
/// finds a session before it is over.
/// </summary>
#pragma warning disable CA1001 // A cancellation source without a timer holds nothing that needs disposal.
internal sealed class SessionRecovery(
    DataDirectory directory,
    SnapshotStore snapshots,
    ISessionMaker maker,
    SessionRegistry sessions,
    StartCount starts,
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
        var (start, setAside, restored) = (time.GetTimestamp(), 0, 0);
        var loaded = await snapshots.LoadAllAsync(
            maker, (done, of) => sessions.Recovering = $"{done} of {of} are done", _stopping.Token);
        foreach (var session in loaded)
        {
            switch (session)
            {
                case RestoredSession back:
                    restored++;
                    sessions.Restore(back.Session);
                    RecoveryLog.Restored(logger, back.SessionId, back.Session.SnapshotVersion, back.Session.Generation);
                    break;
                case DamagedSession damaged:
                    setAside++;
                    if (damaged.SessionId.Length > 0)
                    {
                        sessions.SetAside(new SetAsideSession(damaged.SessionId, damaged.Uid, string.Join(" ", damaged.Findings)));
                    }

                    RecoveryLog.SetAside(logger, damaged.SessionId.Length > 0 ? damaged.SessionId : SessionFolder.NameOf(damaged.Uid), string.Join(" ", damaged.Findings));
                    break;
            }
        }

        sessions.Recovering = "";
        RecoveryLog.Ends(logger, restored, setAside, (long)time.GetElapsedTime(start).TotalMilliseconds);
    }
}
