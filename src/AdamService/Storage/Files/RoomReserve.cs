using System.Security.Cryptography;

namespace Adam.Service.Storage.Files;

/// <summary>
/// A file of a little room. It is given up when the disk is full and something needs room that makes some: the record of a deletion. What others write
/// meanwhile may be faster.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="path">Where the file is.</param>
internal sealed class RoomReserve(FileSystem files, string path)
{
    /// <summary>How much room it is: a record, and the blocks that a file system takes for its names.</summary>
    public const int Bytes = 64 << 10;

    private readonly Lock _lock = new();
    private bool _isKept;

    /// <summary>Takes the room, unless it is taken.</summary>
    /// <exception cref="StorageException">There is none.</exception>
    public void Keep()
    {
        lock (_lock)
        {
            if (!_isKept && !IsThere())
            {
                // No file system makes holes of these, or less of them.
                AtomicFile.Write(files, path, RandomNumberGenerator.GetBytes(Bytes));
            }

            _isKept = true;
        }
    }

    /// <summary>Gives the room up.</summary>
    /// <returns>Whether there is more room now.</returns>
    public bool TryGiveUp()
    {
        lock (_lock)
        {
            if (!_isKept)
            {
                return false;
            }

            try
            {
                files.Delete(path);
                _isKept = false;
                files.SyncDirectory(Path.GetDirectoryName(path)!);
                return true;
            }
            catch (StorageException)
            {
                return false;
            }
        }
    }

    private bool IsThere()
    {
        try
        {
            using var file = files.Open(path, FileUse.Read);
            return file.Length == Bytes;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
