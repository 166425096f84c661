namespace Adam.Service.Storage.Files;

/// <summary>
/// A file that is there wholly or not at all: written under a temporary name, synchronised, renamed, and its directory synchronised. Until
/// <see cref="Commit"/> returns, the file that had the name before is there.
/// </summary>
internal sealed class AtomicFile : IDisposable
{
    /// <summary>What temporary names end with. Files of such names are left over from a crash, and may be deleted at start.</summary>
    public const string TemporaryEnding = ".tmp";

    private readonly FileSystem _files;
    private readonly string _path;
    private readonly string _temporaryPath;
    private bool _isDone;

    private AtomicFile(FileSystem files, string path, string temporaryPath, DurableFile content)
    {
        (_files, _path, _temporaryPath) = (files, path, temporaryPath);
        Content = content;
    }

    /// <summary>Where the content goes.</summary>
    public DurableFile Content { get; }

    /// <summary>Begins a file. Nobody else may be writing the same one.</summary>
    /// <exception cref="StorageException">It cannot be begun.</exception>
    public static AtomicFile Begin(FileSystem files, string path)
    {
        var temporaryPath = path + TemporaryEnding;
        return new AtomicFile(files, path, temporaryPath, files.Open(temporaryPath, FileUse.Replace));
    }

    /// <summary>Writes a small file.</summary>
    /// <exception cref="StorageFullException">There is no room; what was there before is there still.</exception>
    /// <exception cref="StorageFailedException">The device has failed; either content may be there after a crash.</exception>
    public static void Write(FileSystem files, string path, ReadOnlySpan<byte> content)
    {
        using var file = Begin(files, path);
        file.Content.Write(content, 0);
        file.Commit();
    }

    /// <summary>Puts the file in its place, durably. The content stays open.</summary>
    /// <exception cref="StorageFullException">There is no room; what was there before is there still.</exception>
    /// <exception cref="StorageFailedException">The device has failed; either content may be there after a crash.</exception>
    public void Commit()
    {
        Content.Sync();
        _files.Rename(_temporaryPath, _path);
        _isDone = true;
        _files.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(_path))!);
    }

    /// <summary>Closes the file; deletes it if it was not committed.</summary>
    public void Dispose()
    {
        Content.Dispose();
        Abandon();
    }

    // What is left over is deleted at the next start.
    private void Abandon()
    {
        if (_isDone)
        {
            return;
        }

        _isDone = true;
        try
        {
            _files.Delete(_temporaryPath);
        }
        catch (StorageException)
        {
        }
    }
}
