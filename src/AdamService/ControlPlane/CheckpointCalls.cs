using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>What all rpcs of checkpoints have in common.</summary>
internal static class CheckpointCalls
{
    /// <summary>Refuses what needs a place on disk where there is none.</summary>
    /// <exception cref="ServiceException">STORAGE_OFF.</exception>
    public static void ThrowIfOff(CheckpointStore checkpoints)
    {
        if (!checkpoints.IsOn)
        {
            throw StorageRefusals.Off("The service keeps nothing on disk.", "Stream the session with ExportSession");
        }
    }

    /// <summary>Refuses an id that has not the form.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD.</exception>
    public static void ThrowIfInvalid(string checkpointId)
    {
        if (!SessionId.IsValid(checkpointId))
        {
            throw new ServiceException(
                ErrorReason.InvalidField, $"checkpoint_id: expected {SessionId.Form}, received '{checkpointId}'.", ("fields", "checkpoint_id"));
        }
    }

    /// <summary>The folder of a session that is there, or that was there at an earlier start and has left checkpoints. Null: it has none.</summary>
    /// <exception cref="ServiceException">INVALID_FIELD, SESSION_NOT_FOUND, SESSION_REPLACED or GENERATION_CHANGED.</exception>
    public static SessionFolder? FolderOf(SessionRef? reference, string field, SessionRegistry sessions, SnapshotStore snapshots)
    {
        if (reference is null || reference.SessionId.Length == 0)
        {
            throw new ServiceException(ErrorReason.InvalidField, $"{field}.session_id: say which session.", ("fields", $"{field}.session_id"));
        }

        // A past session is meant by its uid, or by its id where no present one has it.
        var present = sessions.Find(reference.SessionId);
        if (present is not null && (reference.SessionUid.IsEmpty || reference.SessionUid == present.Uid))
        {
            return snapshots.Find(sessions.Get(reference).Uid);
        }

        var past = reference.SessionUid.IsEmpty ? snapshots.FindById(reference.SessionId) : snapshots.Find(reference.SessionUid);
        return past is not null && past.Manifest.SessionId == reference.SessionId
            ? past
            : snapshots.Find(sessions.Get(reference).Uid);
    }
}
