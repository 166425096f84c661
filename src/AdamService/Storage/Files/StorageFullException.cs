namespace Adam.Service.Storage.Files;

/// <summary>
/// The file system takes nothing: it is full, the quota is used up, or it is read-only. What was asked for did not happen, and may be asked for again
/// later.
/// </summary>
/// <param name="message">What could not be done, and why.</param>
/// <param name="errno">The number of the system's error.</param>
/// <param name="bytesWritten">How much of what was to be written is in the file all the same.</param>
/// <param name="cause">What this was found out by.</param>
internal sealed class StorageFullException(string message, int errno, long bytesWritten = 0, Exception? cause = null)
    : StorageException(message, errno, cause)
{
    /// <summary>How much of what was to be written is in the file all the same.</summary>
    public long BytesWritten { get; } = bytesWritten;
}
