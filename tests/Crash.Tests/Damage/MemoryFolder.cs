namespace Adam.Crash.Tests.Damage;

/// <summary>Folders where nothing waits for a disk: what is tested there is what files say, not when they get anywhere.</summary>
internal static class MemoryFolder
{
    private const string Shared = "/dev/shm";

    /// <summary>Makes one that nobody else has.</summary>
    /// <param name="prefix">What its name begins with.</param>
    public static string Create(string prefix)
    {
        if (!Directory.Exists(Shared))
        {
            return Directory.CreateTempSubdirectory(prefix).FullName;
        }

        return Directory.CreateDirectory(Path.Combine(Shared, prefix + Guid.NewGuid().ToString("N"))).FullName;
    }
}
