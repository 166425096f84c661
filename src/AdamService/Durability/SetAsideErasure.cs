using Adam.Service.Sessions;

namespace Adam.Service.Durability;

/// <summary>Deletes sessions that could not be made again.</summary>
internal sealed class SetAsideErasure(SessionRegistry sessions, SnapshotStore snapshots, SessionLogs logs)
{
    /// <summary>Deletes what is on disk of one: its files, and what the log says of it.</summary>
    /// <exception cref="Errors.ServiceException">STORAGE_FULL or STORAGE_FAILED; it is there still.</exception>
    public async Task EraseAsync(SetAsideSession session)
    {
        // The log first: it may have more of the session than its files.
        if (logs.Of(session.Uid) is { } log)
        {
            await log.DeleteAsync();
        }

        await StorageRefusals.RefuseAsync(() => snapshots.DeleteAsync(session.Uid));
        logs.Pins.Forget(SessionLogs.KeyOf(session.Uid));
        sessions.Forget(session);
    }
}
