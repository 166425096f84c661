using System.Buffers.Binary;
using Adam.V1;

namespace Adam.Service.Storage.Log;

/// <summary>The beginning of a segment.</summary>
/// <param name="Salt">The segment's salt.</param>
/// <param name="FirstLsn">The number of its first record.</param>
/// <param name="PreviousLsn">The number of the last record before it, which was durable when the segment was made; 0 if there was none.</param>
internal readonly record struct SegmentHeader(SegmentSalt Salt, ulong FirstLsn, ulong PreviousLsn)
{
    private const int VersionOffset = 8;
    private const int SaltOffset = 16;
    private const int FirstLsnOffset = 32;
    private const int PreviousLsnOffset = 40;
    private const int ChecksumOffset = 60;

    private static ReadOnlySpan<byte> Magic => "ADAMLOG1"u8;

    /// <summary>Writes it.</summary>
    /// <param name="into">Room for <see cref="LogFormat.SegmentHeaderBytes"/>.</param>
    public void Write(Span<byte> into)
    {
        into = into[..LogFormat.SegmentHeaderBytes];
        into.Clear();
        Magic.CopyTo(into);
        BinaryPrimitives.WriteUInt32LittleEndian(into[VersionOffset..], LogFormat.Version);
        BinaryPrimitives.WriteUInt128LittleEndian(into[SaltOffset..], Salt.Bits);
        BinaryPrimitives.WriteUInt64LittleEndian(into[FirstLsnOffset..], FirstLsn);
        BinaryPrimitives.WriteUInt64LittleEndian(into[PreviousLsnOffset..], PreviousLsn);
        BinaryPrimitives.WriteUInt32LittleEndian(into[ChecksumOffset..], Crc32C.Compute(into[..ChecksumOffset]));
    }

    /// <summary>Reads it.</summary>
    /// <param name="bytes">The first bytes of the file.</param>
    /// <param name="header">The header, if it is one.</param>
    /// <param name="fault">What is wrong with it otherwise, as a sentence without its end.</param>
    /// <exception cref="LogVersionException">It is intact, and another version's.</exception>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out SegmentHeader header, out string fault)
    {
        (header, fault) = (default, "");
        if (bytes.Length < LogFormat.SegmentHeaderBytes)
        {
            fault = $"the segment ends after {bytes.Length} bytes, within its header";
        }
        else if (!bytes.StartsWith(Magic))
        {
            fault = "the segment does not begin as one";
        }
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[ChecksumOffset..]) != Crc32C.Compute(bytes[..ChecksumOffset]))
        {
            fault = "the checksum of the segment's header is wrong";
        }
        else if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[VersionOffset..]) is var version && version != LogFormat.Version)
        {
            throw new LogVersionException(version);
        }
        else
        {
            header = new SegmentHeader(
                SegmentSalt.Read(bytes[SaltOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[FirstLsnOffset..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[PreviousLsnOffset..]));
        }

        return fault.Length == 0;
    }
}
