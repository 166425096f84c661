using Adam.Service.Errors;
using Adam.Service.Storage.Files;
using Adam.V1;

namespace Adam.Service.Durability;

/// <summary>Errors of the disk, as clients are told of them.</summary>
internal static class StorageErrors
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
            throw new ServiceException(ErrorReason.StorageFull, $"The disk of the service takes nothing now: {full.Message} Try again when there is room.");
        }
        catch (StorageException failed)
        {
            throw new ServiceException(ErrorReason.StorageFailed, $"The disk of the service has failed: {failed.Message}");
        }
    }
}
