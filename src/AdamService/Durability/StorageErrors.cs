using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;

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
            throw StorageRefusals.Full(full);
        }
        catch (StorageFailedException failed)
        {
            throw StorageRefusals.Failed(failed);
        }
    }
}
