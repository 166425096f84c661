using Adam.Service.Storage.Files;
using Adam.V1;

namespace Adam.Service.Storage.Log;

/// <summary>Puts records into a segment: small ones through a buffer, many with one call; large ones from where they lie.</summary>
/// <param name="segmentBytes">How long a segment of small records gets.</param>
internal sealed unsafe class RecordWriter(long segmentBytes) : IDisposable
{
    // How much is written before the disk is asked to begin with it, while the rest is still being copied.
    private const long WritebackBytes = 8 << 20;

    // A piece is still in the cache when the system copies it, after its checksum was taken.
    private const long PieceBytes = 1 << 20;

    private readonly SegmentBuffer _buffer = new();

    /// <summary>Bytes that are in the buffer, and end where the segment does.</summary>
    public int BufferedBytes => _buffer.Bytes;

    /// <summary>Whether a record goes into the buffer.</summary>
    public static bool IsBuffered(LogEntry entry) => entry.EndAt(0) < LogFormat.PagedPayloadBytes;

    /// <summary>Whether the buffer has room for it.</summary>
    public bool HasRoom(LogEntry entry) => entry.EndAt(0) <= SegmentBuffer.BytesMax - _buffer.Bytes;

    /// <summary>Puts a record into the buffer, which has room for it, at the segment's end.</summary>
    public void Buffer(SegmentFile segment, LogEntry entry, ulong lsn, ulong syncedLsn)
    {
        var record = _buffer.Append(segment, (int)entry.EndAt(0));
        var head = record.Slice(LogFormat.RecordHeaderBytes, entry.Head.Length);
        entry.Head.Span.CopyTo(head);
        var payload = record[(LogFormat.RecordHeaderBytes + head.Length)..];
        var rest = payload;
        foreach (var piece in entry.Payload.Span)
        {
            new ReadOnlySpan<byte>((void*)piece.Address, (int)piece.Bytes).CopyTo(rest);
            rest = rest[(int)piece.Bytes..];
        }

        rest.Clear();
        var salt = segment.Header.Salt;
        HeaderOf(entry, lsn, syncedLsn, salt.Checksum(head), salt.Checksum(payload[..(int)entry.PayloadLength])).Write(record, salt);
    }

    /// <summary>Puts a mark into the buffer: a record of nobody.</summary>
    public void BufferMarker(SegmentFile segment, ulong lsn, ulong syncedLsn)
    {
        var salt = segment.Header.Salt;
        new RecordHeader(lsn, syncedLsn, 0, 0, 0, salt.Checksum([]), salt.Checksum([])).Write(_buffer.Append(segment, LogFormat.RecordHeaderBytes), salt);
    }

    /// <summary>Writes what is in the buffer. If that fails, it stays there.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void Flush(SegmentFile segment) => _buffer.Flush(segment, segmentBytes);

    /// <summary>Forgets what is in the buffer but for records that are in the segment already.</summary>
    /// <param name="segment">The segment.</param>
    /// <param name="end">Where the last of those ends.</param>
    public void Discard(SegmentFile segment, long end) => _buffer.Discard(segment, end);

    /// <inheritdoc/>
    public void Dispose() => _buffer.Dispose();

    /// <summary>Writes a record at the segment's end. The header comes last: with it, the system has been given all of the record.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public static void Write(SegmentFile segment, LogEntry entry, ulong lsn, ulong syncedLsn)
    {
        segment.SetCached();
        var salt = segment.Header.Salt;
        var payloadChecksum = WritePayload(segment, entry);
        var headBytes = entry.Head.Span;
        Span<byte> header = stackalloc byte[LogFormat.RecordHeaderBytes];
        HeaderOf(entry, lsn, syncedLsn, salt.Checksum(headBytes), payloadChecksum).Write(header, salt);
        fixed (byte* head = headBytes, start = header)
        {
            ReadOnlySpan<NativePiece> pieces = [new((nint)start, header.Length), new((nint)head, headBytes.Length)];
            segment.Write(pieces, segment.End);
        }
    }

    private static uint WritePayload(SegmentFile segment, LogEntry entry)
    {
        Span<NativePiece> gathered = stackalloc NativePiece[DurableFile.PiecesMax];
        var (count, bytes) = (0, 0L);
        var offset = LogFormat.PayloadOffset(segment.End, entry.Head.Length, entry.PayloadLength);
        var begun = offset;
        var sum = segment.Header.Salt.Begin();
        foreach (var piece in entry.Payload.Span)
        {
            for (long done = 0; done < piece.Bytes;)
            {
                var part = new NativePiece((nint)(piece.Address + done), Math.Min(piece.Bytes - done, PieceBytes - bytes));
                sum = Crc32C.Append(sum, new ReadOnlySpan<byte>((void*)part.Address, (int)part.Bytes));
                gathered[count++] = part;
                bytes += part.Bytes;
                done += part.Bytes;
                if (bytes == PieceBytes || count == gathered.Length)
                {
                    segment.Write(gathered[..count], offset);
                    offset += bytes;
                    (count, bytes) = (0, 0);
                    if (offset - begun >= WritebackBytes)
                    {
                        segment.File.BeginWriteback(begun, offset - begun);
                        begun = offset;
                    }
                }
            }
        }

        segment.Write(gathered[..count], offset);
        return SegmentSalt.End(sum);
    }

    private static RecordHeader HeaderOf(LogEntry entry, ulong lsn, ulong syncedLsn, uint headChecksum, uint payloadChecksum) =>
        new(lsn, syncedLsn, entry.SessionUid, entry.PayloadLength, entry.Head.Length, headChecksum, payloadChecksum);
}
