namespace Adam.Bench.ServiceBench;

/// <summary>A folder for sockets, certificates and data, in the temporary folder of the system and on its disk. It is deleted with everything in it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("adam-bench-");

    /// <summary>Where it is.</summary>
    public string FullName => _folder.FullName;

    /// <summary>A path in it.</summary>
    public string PathOf(string name) => Path.Combine(_folder.FullName, name);

    public void Dispose() => _folder.Delete(recursive: true);
}
