namespace Adam.Crash.Tests.Service;

/// <summary>A data directory that goes with its test, unless the test says that it is to be looked at.</summary>
internal sealed class DataDirectory : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("adam-data-").FullName;

    /// <summary>Whether it stays, to be looked at.</summary>
    public bool Keep { get; set; }

    public void Dispose()
    {
        if (!Keep)
        {
            Directory.Delete(Path, recursive: true);
        }
    }
}
