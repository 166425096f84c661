using System.Buffers.Binary;
using System.Security.Cryptography;
using Adam.V1;

namespace Adam.Service.Storage.Log;

/// <summary>
/// 128 random bits of a segment, without which nobody can write anything that reads as a record of it: gradients are bytes that a client chooses, and
/// behind damage records are searched for among them. Half of the bits stand at the beginning of each record, the others begin every checksum.
/// </summary>
internal readonly record struct SegmentSalt
{
    /// <summary>Its length.</summary>
    public const int Bytes = 16;

    private readonly uint _begin;

    private SegmentSalt(ReadOnlySpan<byte> bits)
    {
        Bits = BinaryPrimitives.ReadUInt128LittleEndian(bits);
        RecordMark = BinaryPrimitives.ReadUInt64LittleEndian(bits);
        _begin = Crc32C.Append(Crc32C.Ones, bits);
    }

    /// <summary>All of it.</summary>
    public UInt128 Bits { get; }

    /// <summary>What each record begins with.</summary>
    public ulong RecordMark { get; }

    /// <summary>A salt that there was never before.</summary>
    public static SegmentSalt Draw()
    {
        Span<byte> bits = stackalloc byte[Bytes];
        RandomNumberGenerator.Fill(bits);
        return new SegmentSalt(bits);
    }

    /// <summary>That of a segment's header.</summary>
    public static SegmentSalt Read(ReadOnlySpan<byte> bits) => new(bits[..Bytes]);

    /// <summary>The salted CRC-32C of bytes.</summary>
    public uint Checksum(ReadOnlySpan<byte> bytes) => End(Crc32C.Append(_begin, bytes));

    /// <summary>A salted sum of no bytes, to be gone on with by <see cref="Crc32C.Append"/>.</summary>
    public uint Begin() => _begin;

    /// <summary>The checksum that a sum comes to.</summary>
    public static uint End(uint sum) => sum ^ Crc32C.Ones;
}
