namespace Adam.Service.Storage.Files;

/// <summary>The numbers of Linux's errors that are told apart here.</summary>
internal static class Errno
{
    /// <summary><c>ENOENT</c>: no such file or directory.</summary>
    public const int Missing = 2;

    /// <summary><c>EINTR</c>: a signal came in between.</summary>
    public const int Interrupted = 4;

    /// <summary><c>EIO</c>: the device has failed.</summary>
    public const int Io = 5;

    /// <summary><c>EAGAIN</c>: somebody else holds the lock.</summary>
    public const int WouldBlock = 11;

    /// <summary><c>EEXIST</c>.</summary>
    public const int Exists = 17;

    /// <summary><c>EINVAL</c>: the file system does not do that, or not so.</summary>
    public const int Invalid = 22;

    /// <summary><c>ENOSPC</c>: the file system is full.</summary>
    public const int NoSpace = 28;

    /// <summary><c>EROFS</c>: the file system is mounted read-only.</summary>
    public const int ReadOnly = 30;

    /// <summary><c>EDQUOT</c>: the user's quota is used up.</summary>
    public const int Quota = 122;
}
