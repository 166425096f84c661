using Adam.Service.Errors;
using Adam.Service.Storage.Files;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>What storage says, as refusals. They name no path: clients have no business with it, and the service's log has it.</summary>
internal static class StorageRefusals
{
    /// <summary>There is no room.</summary>
    public static ServiceException Full(StorageFullException full) => new(
        ErrorReason.StorageFull,
        $"The service's disk takes nothing (errno {full.Errno}): nothing was changed. Try again when there is room.");

    /// <summary>The disk has failed.</summary>
    public static ServiceException Failed(StorageFailedException failed) => new(
        ErrorReason.StorageFailed,
        $"The service's disk has failed (errno {failed.Errno}): nothing is acknowledged that must be on it until the service is started again. A batch "
        + "that met this may be on disk: send it again then, it is not applied twice.");

    /// <summary>Memory is not what the log says.</summary>
    public static ServiceException Broken(string sessionId) => new(
        ErrorReason.StorageFailed,
        $"A change of session '{sessionId}' is in the log and could not be made: nothing more is changed until the service is started again, which makes it.");
}
