using System.Runtime.InteropServices;

namespace Adam.Service.Storage.Files;

/// <summary>Storage has said no.</summary>
internal abstract class StorageException : IOException
{
    private protected StorageException(string message, int errno, Exception? cause)
        : base(message, cause) => Errno = errno;

    /// <summary>The number of the system's error; 0 if it came from no system call.</summary>
    public int Errno { get; }

    /// <summary>What an error of a call means.</summary>
    /// <param name="what">What could not be done, as a sentence without its end.</param>
    /// <param name="errno">The number of the error.</param>
    /// <param name="bytesWritten">How many bytes the call and those before it had written.</param>
    public static StorageException Of(string what, int errno, long bytesWritten = 0)
    {
        var message = $"{what}: {Marshal.GetPInvokeErrorMessage(errno)} (errno {errno}).";
        return errno is Files.Errno.NoSpace or Files.Errno.Quota or Files.Errno.ReadOnly
            ? new StorageFullException(message, errno, bytesWritten)
            : new StorageFailedException(message, errno);
    }
}
