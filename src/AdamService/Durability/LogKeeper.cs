using Adam.Service.Configuration;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Storage.V1;
using Microsoft.Extensions.Options;

namespace Adam.Service.Durability;

/// <summary>
/// Lets the step log go that no session needs any more, and sees to it that it is not needed for ever: when it has grown too long, the sessions
/// that need its beginning are snapshotted.
/// </summary>
internal sealed class LogKeeper
{
    private readonly SessionLogs _logs;
    private readonly SnapshotScheduler _snapshots;
    private readonly DataDirectory _directory;
    private readonly DurabilityOptions _options;
    private readonly ILogger<LogKeeper> _logger;
    private readonly Lazy<long> _bytesMax;

    public LogKeeper(
        SessionLogs logs, SnapshotScheduler snapshots, DataDirectory directory, IOptions<DurabilityOptions> options, ILogger<LogKeeper> logger)
    {
        (_logs, _snapshots, _directory, _options, _logger) = (logs, snapshots, directory, options.Value, logger);
        _bytesMax = new Lazy<long>(ReadBytesMax);
        snapshots.Saved += OnSaved;
        snapshots.Erased += Release;
    }

    /// <summary>Lets go what nobody needs. Called after something has changed about that; waits for the disk.</summary>
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
        catch (StorageException refused)
        {
            // The log is as it was, or it has failed, which its sessions will hear of.
            DurabilityLog.NotReleased(_logger, refused.Message);
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
