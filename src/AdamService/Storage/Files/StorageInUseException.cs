namespace Adam.Service.Storage.Files;

/// <summary>Another process works in a directory.</summary>
/// <param name="path">The lock's file.</param>
/// <param name="holderPid">The process that has locked it, as it has written itself; null if it has not yet.</param>
internal sealed class StorageInUseException(string path, int? holderPid) : IOException(
    $"{Path.GetDirectoryName(Path.GetFullPath(path))} is in use by {(holderPid is { } pid ? $"process {pid}" : "another process")}, which has locked {path}. "
    + "End that process, or give this one a directory of its own.")
{
    /// <summary>The process that has locked it, as it has written itself; null if it has not yet.</summary>
    public int? HolderPid { get; } = holderPid;
}
