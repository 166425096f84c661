using System.Collections.Concurrent;
using System.Threading.Channels;
using Adam.Engine;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Manifest = Adam.Storage.V1.Manifest;

namespace Adam.Service.Durability;

/// <summary>
/// Takes snapshots of the sessions below tier LOG and in it, one at a time for the node, and at an orderly stop once more of each that has changed.
/// Training waits for a copy in memory and for nothing else.
/// </summary>
internal sealed class SnapshotScheduler : BackgroundService, IHostedLifecycleService
{
    // Memory may be free soon, and a disk that is full is seen to by people.
    private static readonly TimeSpan MemoryPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan DiskPause = TimeSpan.FromSeconds(30);

    private readonly SnapshotStore _store;
    private readonly MemoryBudget _budget;
    private readonly StepThreads _threads;
    private readonly TimeProvider _time;
    private readonly TimeSpan _every;
    private readonly double _logOfStates;
    private readonly ILogger<SnapshotScheduler> _logger;
    private readonly ConcurrentDictionary<ByteString, SnapshotClock> _clocks = new();

    // Several calls wake once.
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public SnapshotScheduler(
        SessionRegistry sessions,
        SnapshotStore store,
        MemoryBudget budget,
        StepThreads threads,
        IOptions<DurabilityOptions> options,
        TimeProvider time,
        ILogger<SnapshotScheduler> logger)
    {
        (_store, _budget, _threads, _time, _logger) = (store, budget, threads, time, logger);
        _every = TimeSpan.FromSeconds(options.Value.SnapshotEverySeconds);
        _logOfStates = options.Value.SnapshotAfterLogOfStates;
        sessions.Added += Watch;
        sessions.Erase = EraseAsync;
    }

    /// <summary>Told of each snapshot when it is durable, with the manifest that names it. Runs in the background; what it throws is logged.</summary>
    public event Action<SessionActor, Manifest>? Saved;

    /// <summary>Told when nothing of a session is on disk any more.</summary>
    public event Action? Erased;

    /// <summary>Asks for a snapshot of a session soon, whether it has changed or not.</summary>
    public void Request(SessionActor session)
    {
        if (_clocks.TryGetValue(session.Uid, out var clock))
        {
            clock.Request();
        }
    }

    /// <summary>The same, by the number under which the log knows the session.</summary>
    public void Request(UInt128 session) => _clocks.Values.FirstOrDefault(clock => SessionLogs.KeyOf(clock.Session.Uid) == session)?.Request();

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>
    /// Everything else has stopped, so nothing changes any more: what has changed is written once more. This takes as long as it takes; who cannot
    /// wait kills the service, and has what an unclean stop leaves.
    /// </summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        foreach (var clock in _clocks.Values)
        {
            var id = clock.Session.Definition.SessionId;
            try
            {
                if (clock.HasChanged)
                {
                    await SaveAsync(clock, () => StateCopy.BorrowAsync(clock.Session));
                }

                await _store.MarkCleanAsync(clock.Session);
            }
            catch (ServiceException deleted) when (deleted.Reason == ErrorReason.SessionDeleted)
            {
            }
            catch (Exception lost) when (lost is ServiceException or StorageException or InvalidOperationException or OutOfMemoryException)
            {
                DurabilityLog.NotKept(_logger, id, lost.Message);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var (next, wait) = Next();
            if (next is not null && wait == TimeSpan.Zero)
            {
                await TrySaveAsync(next, stoppingToken);
            }
            else
            {
                await WaitAsync(wait, stoppingToken);
            }
        }
    }

    // Of several that are due, the one whose last snapshot is the oldest.
    private (SnapshotClock? Clock, TimeSpan? Wait) Next()
    {
        (SnapshotClock? Clock, TimeSpan? Wait) next = default;
        foreach (var clock in _clocks.Values)
        {
            if (clock.Wait is { } wait && (next.Clock is null || wait < next.Wait || (wait == next.Wait && clock.Since < next.Clock.Since)))
            {
                next = (clock, wait);
            }
        }

        return next;
    }

    private void Watch(SessionActor session)
    {
        if (_store.IsOn && session.Definition.Tier is DurabilityTier.Snapshot or DurabilityTier.Log)
        {
            var clock = new SnapshotClock(session, _every, _logOfStates, _time, Wake);
            _clocks[session.Uid] = clock;
            session.Watch = clock;
            session.Ended.Register(() => _clocks.TryRemove(session.Uid, out _));
        }
    }

    // Its records may go only when nothing of it is there that would need them.
    private async Task EraseAsync(SessionActor session)
    {
        await StorageRefusals.RefuseAsync(() => _store.DeleteAsync(session.Uid));
        session.Log?.Forget();
        Erased?.Invoke();
    }

    private void Wake() => _wake.Writer.TryWrite(true);

    private async Task WaitAsync(TimeSpan? wait, CancellationToken stoppingToken)
    {
        using var timer = new CancellationTokenSource(wait ?? Timeout.InfiniteTimeSpan, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, stoppingToken);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task TrySaveAsync(SnapshotClock clock, CancellationToken stoppingToken)
    {
        var id = clock.Session.Definition.SessionId;
        clock.Begin();
        try
        {
            await SaveAsync(clock, () => StateCopy.TakeAsync(clock.Session, _budget, _threads, stoppingToken));
        }
        catch (OperationCanceledException)
        {
            // The service stops; the last snapshot comes then.
            clock.PutOff(TimeSpan.Zero);
        }
        catch (ServiceException deleted) when (deleted.Reason == ErrorReason.SessionDeleted)
        {
            _clocks.TryRemove(clock.Session.Uid, out _);
        }
        catch (Exception refused) when (refused is ServiceException or OutOfMemoryException)
        {
            PutOff(clock, MemoryPause, refused);
        }
        catch (Exception failed) when (failed is StorageException or InvalidOperationException)
        {
            PutOff(clock, DiskPause, failed);
        }
#pragma warning disable CA1031 // The other sessions are to be kept all the same.
        catch (Exception unexpected)
#pragma warning restore CA1031
        {
            DurabilityLog.Unexpected(_logger, id, unexpected);
            clock.PutOff(DiskPause);
        }
    }

    private void PutOff(SnapshotClock clock, TimeSpan wait, Exception reason)
    {
        DurabilityLog.PutOff(_logger, clock.Session.Definition.SessionId, wait.TotalSeconds, reason.Message);
        clock.PutOff(wait);
    }

    private async Task SaveAsync(SnapshotClock clock, Func<Task<StateCopy>> take)
    {
        var (session, start) = (clock.Session, _time.GetTimestamp());
        Manifest manifest;
        using (var copy = await take())
        {
            manifest = await _store.SaveAsync(session, copy);
            session.NoteSnapshot(copy.State.Version);
            clock.Note(copy.State.Version, copy.Decisions);
        }

        var entry = manifest.Snapshots[0];
        DurabilityLog.Saved(
            _logger, session.Definition.SessionId, entry.Version, entry.SizeBytes, (long)_time.GetElapsedTime(start).TotalMilliseconds);
        Saved?.Invoke(session, manifest);
    }
}
