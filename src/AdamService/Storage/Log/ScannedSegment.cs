using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>A segment as it was found.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="FirstLsn">The number of its first record, by its name.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Header">Its header; null if that cannot be read.</param>
/// <param name="File">The open file.</param>
/// <param name="Fault">What is wrong with the header, as a sentence without its end.</param>
internal sealed record ScannedSegment(string Path, ulong FirstLsn, long Bytes, SegmentHeader? Header, DurableFile File, string Fault)
{
    /// <summary>What is in it.</summary>
    public IEnumerable<LogItem> Items() => Header is { } header ? new SegmentWalk(File, header, Bytes).Items() : [];

    /// <summary>Opens a segment and reads its header.</summary>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static ScannedSegment Open(FileSystem files, string directory, ulong firstLsn)
    {
        var path = System.IO.Path.Combine(directory, SegmentName.Of(firstLsn));
        var file = files.Open(path, FileUse.Read);
        try
        {
            Span<byte> bytes = stackalloc byte[LogFormat.SegmentHeaderBytes];
            var length = file.Length;
            var isHeader = SegmentHeader.TryRead(bytes[..file.Read(bytes, 0)], out var header, out var fault);
            if (isHeader && header.FirstLsn != firstLsn)
            {
                (isHeader, fault) = (false, $"the segment's header says that it begins with record {header.FirstLsn}, and its name says another");
            }

            return new ScannedSegment(path, firstLsn, length, isHeader ? header : null, file, fault);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }
}
