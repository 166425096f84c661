using System.Buffers.Binary;

namespace Adam.Service.Storage.Log;

/// <summary>The beginning of a record; its head and its payload follow.</summary>
/// <param name="Lsn">Its number: that of the record before it and 1.</param>
/// <param name="SyncedLsn">The last record that was known to be durable when this one was written.</param>
/// <param name="SessionUid">Whose it is.</param>
/// <param name="PayloadLength">How many bytes of payload.</param>
/// <param name="HeadLength">How many bytes of head.</param>
/// <param name="HeadChecksum">Of the head.</param>
/// <param name="PayloadChecksum">Of the payload.</param>
internal readonly record struct RecordHeader(
    ulong Lsn, ulong SyncedLsn, UInt128 SessionUid, long PayloadLength, int HeadLength, uint HeadChecksum, uint PayloadChecksum)
{
    private const int LsnOffset = 8;
    private const int SyncedLsnOffset = 16;
    private const int SessionUidOffset = 24;
    private const int PayloadLengthOffset = 40;
    private const int HeadLengthOffset = 48;
    private const int HeadChecksumOffset = 52;
    private const int PayloadChecksumOffset = 56;
    private const int ChecksumOffset = 60;

    /// <summary>Whether it only says what is durable.</summary>
    public bool IsMarker => HeadLength == 0 && PayloadLength == 0 && SessionUid == 0;

    /// <summary>Writes it.</summary>
    /// <param name="into">Room for <see cref="LogFormat.RecordHeaderBytes"/>.</param>
    /// <param name="salt">The segment's.</param>
    public void Write(Span<byte> into, in SegmentSalt salt)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(into, salt.RecordMark);
        BinaryPrimitives.WriteUInt64LittleEndian(into[LsnOffset..], Lsn);
        BinaryPrimitives.WriteUInt64LittleEndian(into[SyncedLsnOffset..], SyncedLsn);
        BinaryPrimitives.WriteUInt128BigEndian(into[SessionUidOffset..], SessionUid);
        BinaryPrimitives.WriteInt64LittleEndian(into[PayloadLengthOffset..], PayloadLength);
        BinaryPrimitives.WriteInt32LittleEndian(into[HeadLengthOffset..], HeadLength);
        BinaryPrimitives.WriteUInt32LittleEndian(into[HeadChecksumOffset..], HeadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(into[PayloadChecksumOffset..], PayloadChecksum);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumOffset..], salt.Checksum(into[..ChecksumOffset]));
    }

    /// <summary>Reads it.</summary>
    /// <param name="bytes">Where one may begin.</param>
    /// <param name="salt">The segment's.</param>
    /// <param name="header">The header, if it is one.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, in SegmentSalt salt, out RecordHeader header)
    {
        header = default;
        if (bytes.Length < LogFormat.RecordHeaderBytes
            || BinaryPrimitives.ReadUInt64LittleEndian(bytes) != salt.RecordMark
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]) != salt.Checksum(bytes[..ChecksumOffset]))
        {
            return false;
        }

        header = new RecordHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[LsnOffset..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[SyncedLsnOffset..]),
            BinaryPrimitives.ReadUInt128BigEndian(bytes[SessionUidOffset..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[PayloadLengthOffset..]),
            BinaryPrimitives.ReadInt32LittleEndian(bytes[HeadLengthOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[HeadChecksumOffset..]),
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[PayloadChecksumOffset..]));
        return header.HeadLength is >= 0 and <= LogFormat.HeadBytesMax
            && header.PayloadLength is >= 0 and < long.MaxValue >> 1
            && header.SyncedLsn < header.Lsn;
    }
}
