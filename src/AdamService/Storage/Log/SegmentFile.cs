using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>The segment that records are appended to.</summary>
internal sealed class SegmentFile : IDisposable
{
    private readonly AtomicFile _file;

    private SegmentFile(AtomicFile file, SegmentHeader header) => (_file, Header) = (file, header);

    /// <summary>How it begins.</summary>
    public SegmentHeader Header { get; }

    /// <summary>The file.</summary>
    public DurableFile File => _file.Content;

    /// <summary>Where the next record begins.</summary>
    public long End { get; set; } = LogFormat.SegmentHeaderBytes;

    /// <summary>Whether it has no record.</summary>
    public bool IsEmpty => End == LogFormat.SegmentHeaderBytes;

    /// <summary>Makes a segment, durably: there is never one without its header. One of the same name, which has no records, goes.</summary>
    /// <exception cref="StorageFullException">There is no room; nothing has changed.</exception>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public static SegmentFile Create(FileSystem files, string directory, ulong firstLsn, ulong previousLsn)
    {
        var header = new SegmentHeader(SegmentSalt.Draw(), firstLsn, previousLsn);
        var file = AtomicFile.Begin(files, Path.Combine(directory, SegmentName.Of(firstLsn)));
        try
        {
            Span<byte> bytes = stackalloc byte[LogFormat.SegmentHeaderBytes];
            header.Write(bytes);
            file.Content.Write(bytes, 0);
            file.Commit();
            return new SegmentFile(file, header);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    public void Dispose() => _file.Dispose();
}
