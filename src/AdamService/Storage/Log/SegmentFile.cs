using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>The segment that records are appended to.</summary>
internal sealed class SegmentFile : IDisposable
{
    private readonly AtomicFile _file;
    private bool _isDirectRefused;
    private bool _isExtensionRefused;

    private SegmentFile(AtomicFile file, SegmentHeader header) => (_file, Header) = (file, header);

    /// <summary>How it begins.</summary>
    public SegmentHeader Header { get; }

    /// <summary>The file.</summary>
    public DurableFile File => _file.Content;

    /// <summary>Where the next record begins.</summary>
    public long End { get; set; } = LogFormat.SegmentHeaderBytes;

    /// <summary>Whether it has no record.</summary>
    public bool IsEmpty => End == LogFormat.SegmentHeaderBytes;

    /// <summary>The bytes of the file, as far as it is known what is in them: behind <see cref="End"/> there are zeros.</summary>
    public long Length { get; private set; } = LogFormat.SegmentHeaderBytes;

    /// <summary>Lets what is written go past the system's cache, if the file system has that: in whole pages.</summary>
    public bool TrySetDirect()
    {
        if (!_isDirectRefused)
        {
            File.SetDirect(true);
            _isDirectRefused = !File.IsDirect;
        }

        return !_isDirectRefused;
    }

    /// <summary>Lets what is written go through the system's cache.</summary>
    public void SetCached() => File.SetDirect(false);

    /// <summary>Writes bytes.</summary>
    /// <exception cref="StorageException">They cannot be written.</exception>
    public unsafe void Write(ReadOnlySpan<byte> bytes, long offset)
    {
        fixed (byte* first = bytes)
        {
            Write([new NativePiece((nint)first, bytes.Length)], offset);
        }
    }

    /// <summary>Writes pieces of memory one behind the other.</summary>
    /// <exception cref="StorageException">They cannot be written.</exception>
    public void Write(ReadOnlySpan<NativePiece> pieces, long offset)
    {
        File.Write(pieces, offset);
        var end = offset;
        foreach (var piece in pieces)
        {
            end += piece.Bytes;
        }

        Length = Math.Max(Length, end);
    }

    /// <summary>Cuts off what is behind <see cref="End"/>.</summary>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void Trim()
    {
        File.Truncate(End);
        Length = End;
    }

    /// <summary>Writes zeros that records will take the place of, unless there was once no room for that.</summary>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public void TryExtend(ReadOnlySpan<byte> zeros, long offset)
    {
        if (_isExtensionRefused)
        {
            return;
        }

        try
        {
            Write(zeros, offset);
        }
        catch (StorageFullException)
        {
            // What room there is is for records.
            _isExtensionRefused = true;
            GiveBack();
        }
    }

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

    private void GiveBack()
    {
        try
        {
            File.Truncate(Length);
        }
        catch (StorageFullException)
        {
            // Zeros are the end of a log wherever they are.
        }
    }
}
