using Adam.Service.Configuration;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Storage.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.Durability;

/// <summary>
/// Lets the step log go that no session needs any more, and sees to it that it is not needed for ever: when it has grown too long, the sessions
/// that need its beginning are snapshotted. It looks after snapshots and deletions, and from time to time. It keeps the room for deletions, too.
/// </summary>
internal sealed class LogKeeper : BackgroundService
{
    /// <summary>How often it looks where nothing else happens.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(60);

    private readonly SessionLogs _logs;
    private readonly SnapshotScheduler _snapshots;
    private readonly DataDirectory _directory;
    private readonly DurabilityOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<LogKeeper> _logger;
    private readonly Lazy<long> _bytesMax;

    public LogKeeper(
        SessionLogs logs,
        SnapshotScheduler snapshots,
        DataDirectory directory,
        IOptions<DurabilityOptions> options,
        TimeProvider time,
        ILogger<LogKeeper> logger)
    {
        (_logs, _snapshots, _directory, _options, _time, _logger) = (logs, snapshots, directory, options.Value, time, logger);
        _bytesMax = new Lazy<long>(ReadBytesMax);
        snapshots.Saved += OnSaved;
        snapshots.Erased += Release;
    }

    /// <summary>Lets go what nobody needs, and keeps room for deletions. Called after something has changed about that; waits for the disk.</summary>
    public void Release()
    {
        if (_logs.Log is not { Failure: null } log)
        {
            return;
        }

        try
        {
            var isShort = log.Bytes > _bytesMax.Value;
            log.Release(_logs.Pins.First(log.SyncedLsn + 1, isShort));
            if (isShort && log.Bytes > _bytesMax.Value && log.Segments() is { Length: > 1 } segments)
            {
                foreach (var session in _logs.Pins.NeedingBelow(segments[1].FirstLsn))
                {
                    _snapshots.Request(session);
                }
            }
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            // The log is as it was, or it has failed, which its sessions will hear of.
            DurabilityLog.NotReleased(_logger, refused.Message);
        }

        KeepRoom();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Every, _time, stoppingToken);
            await Background.RunAsync(() =>
            {
                Release();
                NoteNewest();
                return true;
            });
        }
    }

    // So that it is missed if it is lost.
    private void NoteNewest()
    {
        try
        {
            if (_logs.Log is { } log)
            {
                _directory.NoteSegment(log.Segments()[^1].FirstLsn);
            }
        }
        catch (StorageException refused)
        {
            DurabilityLog.SegmentNotNoted(_logger, refused.Message);
        }
    }

    private void KeepRoom()
    {
        try
        {
            _logs.Reserve?.Keep();
        }
        catch (StorageFullException)
        {
            // There is none now.
        }
        catch (StorageFailedException failed)
        {
            DurabilityLog.NoReserve(_logger, failed.Message);
        }
    }

    private void OnSaved(SessionActor session, Manifest manifest)
    {
        if (session.Log is not null)
        {
            var oldest = SnapshotRetention.LogSequence(manifest.Snapshots, _options.SnapshotsKept);
            _logs.Pins.Advance(SessionLogs.KeyOf(session.Uid), oldest + 1, manifest.Snapshots[0].LogSequence + 1);
            Release();
        }
    }

    private long ReadBytesMax() =>
        _options.LogBytesMax > 0 ? _options.LogBytesMax : Math.Max(16 << 20, new DriveInfo(_directory.Path).AvailableFreeSpace / 4);
}
