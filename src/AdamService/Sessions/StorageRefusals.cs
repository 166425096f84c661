using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Storage.Files;
using Adam.V1;

namespace Adam.Service.Sessions;

/// <summary>What storage says, as refusals. They name no path: clients have no business with it, and the service's log has it.</summary>
internal static class StorageRefusals
{
    /// <summary>Does something that a client waits for.</summary>
    /// <exception cref="ServiceException">STORAGE_FULL or STORAGE_FAILED.</exception>
    public static Task RefuseAsync(Func<Task> work) => RefuseAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>Does something that a client waits for.</summary>
    /// <exception cref="ServiceException">STORAGE_FULL or STORAGE_FAILED.</exception>
    public static async Task<T> RefuseAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (StorageFullException full)
        {
            throw Full(full);
        }
        catch (StorageFailedException failed)
        {
            throw Failed(failed);
        }
    }

    /// <summary>The service keeps nothing.</summary>
    /// <param name="what">What that stands in the way of, as a sentence.</param>
    /// <param name="instead">What the client can do, as the beginning of a sentence that goes on with the setting.</param>
    public static ServiceException Off(string what, string instead)
    {
        const string Option = $"{DurabilityOptions.Section}:{nameof(DurabilityOptions.Directory)}";
        return new ServiceException(ErrorReason.StorageOff, $"{what} {instead}, or set {Option} on the service.", ("option", Option));
    }

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
