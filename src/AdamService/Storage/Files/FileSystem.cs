namespace Adam.Service.Storage.Files;

/// <summary>
/// The one way to files that have to survive a power cut. Nothing is durable before it was synchronised: a file's content by the file, its name by its
/// directory.
/// </summary>
/// <param name="calls">The system's calls, or a test's.</param>
internal sealed class FileSystem(IFileCalls calls)
{
    /// <summary>That of the system.</summary>
    public static FileSystem Linux { get; } = new(new LinuxCalls());

    /// <summary>Opens a file.</summary>
    /// <exception cref="FileNotFoundException">There is none, and none was to be made.</exception>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public DurableFile Open(string path, FileUse use)
    {
        int outcome;
        while ((outcome = calls.Open(path, use)) == -Errno.Interrupted)
        {
        }

        return outcome switch
        {
            >= 0 => new DurableFile(calls, new Descriptor(calls, outcome), path),
            -Errno.Missing => throw new FileNotFoundException($"There is no {path}.", path),
            _ => throw StorageException.Of($"{path} cannot be opened", -outcome),
        };
    }

    /// <summary>Gives a file another name, in place of the file that had it. Durable when the directory was synchronised.</summary>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void Rename(string from, string to)
    {
        var outcome = calls.Rename(from, to);
        if (outcome < 0)
        {
            throw StorageException.Of($"{from} cannot be renamed to {to}", -outcome);
        }
    }

    /// <summary>Deletes a file, if there is one. Durable when the directory was synchronised.</summary>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void Delete(string path)
    {
        var outcome = calls.Unlink(path);
        if (outcome is < 0 and not -Errno.Missing)
        {
            throw StorageException.Of($"{path} cannot be deleted", -outcome);
        }
    }

    /// <summary>Makes a directory, and those above it, if they are not there, and waits until they are on the device.</summary>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void CreateDirectory(string path)
    {
        var parent = Path.GetDirectoryName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
        var outcome = calls.MakeDirectory(path);
        if (outcome == -Errno.Missing && parent is not null)
        {
            CreateDirectory(parent);
            outcome = calls.MakeDirectory(path);
        }

        if (outcome < 0 && outcome != -Errno.Exists)
        {
            throw StorageException.Of($"The directory {path} cannot be made", -outcome);
        }

        // One that is there may have been made a moment ago, by somebody who was interrupted.
        if (parent is not null)
        {
            SyncDirectory(parent);
        }
    }

    /// <summary>Waits until the names in a directory are on the device.</summary>
    /// <exception cref="FileNotFoundException">There is no such directory.</exception>
    /// <exception cref="StorageException">They are not there.</exception>
    public void SyncDirectory(string path)
    {
        using var directory = Open(path, FileUse.Directory);
        directory.Sync();
    }

    /// <summary>The names in a directory, in no order.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such directory.</exception>
    /// <exception cref="StorageFailedException">It cannot be read.</exception>
    public IReadOnlyList<string> List(string path)
    {
        try
        {
            return calls.List(path);
        }
        catch (Exception error) when (error is (IOException or UnauthorizedAccessException) and not DirectoryNotFoundException)
        {
            throw new StorageFailedException($"The directory {path} cannot be read: {error.Message}", cause: error);
        }
    }
}
