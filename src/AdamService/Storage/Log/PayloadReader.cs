using Adam.Service.Storage.Files;
using Adam.V1;

namespace Adam.Service.Storage.Log;

/// <summary>Reads payloads, a piece at a time, with their checksums.</summary>
internal static unsafe class PayloadReader
{
    /// <summary>What is said of one whose checksum is wrong.</summary>
    public const string Fault = "the checksum of the record's payload is wrong";

    private const int PieceBytes = 256 << 10;

    /// <summary>Whether a payload is what was written.</summary>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public static bool IsIntact(ScannedSegment segment, in LogRecord record)
    {
        var piece = new byte[Math.Min(PieceBytes, record.PayloadLength)];
        var sum = segment.Header!.Value.Salt.Begin();
        for (long done = 0; done < record.PayloadLength;)
        {
            var part = piece.AsSpan(0, (int)Math.Min(piece.Length, record.PayloadLength - done));
            if (segment.File.Read(part, OffsetOf(record) + done) < part.Length)
            {
                return false;
            }

            sum = Crc32C.Append(sum, part);
            done += part.Length;
        }

        return SegmentSalt.End(sum) == record.Header.PayloadChecksum;
    }

    /// <summary>Reads a payload into memory.</summary>
    /// <param name="segment">The record's segment.</param>
    /// <param name="record">The record.</param>
    /// <param name="into">Pieces that take the whole payload and no more.</param>
    /// <returns>Whether it is what was written.</returns>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public static bool TryRead(ScannedSegment segment, in LogRecord record, ReadOnlySpan<NativePiece> into)
    {
        var offset = OffsetOf(record);
        var sum = segment.Header!.Value.Salt.Begin();
        foreach (var piece in into)
        {
            for (long done = 0; done < piece.Bytes;)
            {
                var part = new NativePiece((nint)(piece.Address + done), Math.Min(piece.Bytes - done, PieceBytes));
                if (segment.File.Read(part, offset) < part.Bytes)
                {
                    return false;
                }

                sum = Crc32C.Append(sum, new ReadOnlySpan<byte>((void*)part.Address, (int)part.Bytes));
                offset += part.Bytes;
                done += part.Bytes;
            }
        }

        return SegmentSalt.End(sum) == record.Header.PayloadChecksum;
    }

    private static long OffsetOf(in LogRecord record) => LogFormat.PayloadOffset(record.Offset, record.HeadLength, record.PayloadLength);
}
