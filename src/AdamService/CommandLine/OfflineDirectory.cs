using Adam.Service.Storage.Files;

namespace Adam.Service.CommandLine;

/// <summary>A data directory that a command works on while no service does.</summary>
internal static class OfflineDirectory
{
    /// <summary>Keeps services away from it until what is returned is disposed of.</summary>
    /// <exception cref="DirectoryNotFoundException">It is no data directory.</exception>
    /// <exception cref="StorageException">A service uses it, or it cannot be read.</exception>
    public static IDisposable Take(string directory) => Directory.Exists(Path.Combine(directory, "sessions"))
        ? LockFile.Acquire(FileSystem.Linux, Path.Combine(directory, "lock"))
        : throw new DirectoryNotFoundException("it is not there, or no service has ever used it.");
}
