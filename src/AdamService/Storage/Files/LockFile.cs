using System.Globalization;
using System.Text;

namespace Adam.Service.Storage.Files;

/// <summary>Keeps a second process from a directory, for as long as this one lives: the system lets go of it when the process ends, however it ends.</summary>
internal sealed class LockFile : IDisposable
{
    private readonly DurableFile _file;

    private LockFile(DurableFile file) => _file = file;

    /// <summary>Locks.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">The file that stands for the directory. It stays when it is unlocked.</param>
    /// <exception cref="StorageInUseException">Another process, or another holder in this one, has it; says which.</exception>
    /// <exception cref="StorageException">It cannot be locked.</exception>
    public static LockFile Acquire(FileSystem files, string path)
    {
        var file = files.Open(path, FileUse.UpdateOrCreate);
        try
        {
            if (!file.TryLock())
            {
                throw new StorageInUseException(path, ReadHolder(file));
            }

            file.Truncate(0);
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)), 0);
            return new LockFile(file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();

    private static int? ReadHolder(DurableFile file)
    {
        Span<byte> text = stackalloc byte[16];
        return int.TryParse(text[..file.Read(text, 0)], CultureInfo.InvariantCulture, out var pid) ? pid : null;
    }
}
