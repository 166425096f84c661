using System.Buffers.Binary;
using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>Goes through a segment from record to record, and behind damage from one place where a record may begin to the next.</summary>
/// <param name="file">The segment.</param>
/// <param name="header">Its header.</param>
/// <param name="length">Its length in bytes.</param>
internal sealed class SegmentWalk(DurableFile file, SegmentHeader header, long length)
{
    private readonly FileWindow _window = new(file);

    /// <summary>What there is, in order. Payloads are not read.</summary>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public IEnumerable<LogItem> Items()
    {
        var (offset, lsn) = ((long)LogFormat.SegmentHeaderBytes, header.FirstLsn);
        while (offset < length)
        {
            if (TryRead(offset, out var record) && record.Lsn == lsn)
            {
                yield return new LogItem(offset, record, lsn, lsn, FaultOf(offset, record));
                offset = LogFormat.RecordEnd(offset, record.HeadLength, record.PayloadLength);
                lsn++;
                continue;
            }

            const string Fault = "no intact header of a record is here";
            if (Find(offset + LogFormat.Alignment, lsn) is not { } found)
            {
                yield return new LogItem(offset, null, lsn, null, AreZerosOnly(offset) ? "" : Fault);
                yield break;
            }

            yield return new LogItem(offset, null, lsn, found.Lsn - 1, Fault);
            (offset, lsn) = found;
        }
    }

    // What lies behind the end of the file was there once.
    private string FaultOf(long offset, in RecordHeader record)
    {
        var headOffset = offset + LogFormat.RecordHeaderBytes;
        var end = LogFormat.PayloadOffset(offset, record.HeadLength, record.PayloadLength) + record.PayloadLength;
        if (end > length)
        {
            return $"the record ends at {end}, and the segment at {length}";
        }

        return header.Salt.Checksum(_window.At(headOffset, record.HeadLength)) == record.HeadChecksum ? "" : "the checksum of the record's head is wrong";
    }

    private bool TryRead(long offset, out RecordHeader record) =>
        RecordHeader.TryRead(_window.At(offset, LogFormat.RecordHeaderBytes), header.Salt, out record);

    private (long Offset, ulong Lsn)? Find(long offset, ulong lsnMin)
    {
        while (offset < length)
        {
            var bytes = _window.At(offset, FileWindow.Bytes);
            for (var start = 0; offset + start < length && start + LogFormat.RecordHeaderBytes <= bytes.Length; start += LogFormat.Alignment)
            {
                if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[start..]) == header.Salt.RecordMark
                    && RecordHeader.TryRead(bytes[start..], header.Salt, out var record)
                    && record.Lsn >= lsnMin)
                {
                    return (offset + start, record.Lsn);
                }
            }

            offset += FileWindow.Bytes;
        }

        return null;
    }

    // They were written before the records that were to come.
    private bool AreZerosOnly(long offset)
    {
        for (; offset < length; offset += FileWindow.Bytes)
        {
            if (_window.At(offset, (int)Math.Min(FileWindow.Bytes, length - offset)).ContainsAnyExcept((byte)0))
            {
                return false;
            }
        }

        return true;
    }
}
