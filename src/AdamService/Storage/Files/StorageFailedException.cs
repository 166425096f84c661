namespace Adam.Service.Storage.Files;

/// <summary>
/// Storage has failed. What was asked for may have happened or not, and what was written before and not synchronised may be lost: nothing may be
/// acknowledged any more, and nothing tried again.
/// </summary>
/// <param name="message">What could not be done, and why.</param>
/// <param name="errno">The number of the system's error.</param>
/// <param name="cause">What this was found out by.</param>
internal sealed class StorageFailedException(string message, int errno = 0, Exception? cause = null) : StorageException(message, errno, cause);
