using System.Buffers.Binary;

namespace Adam.Fuzz.Targets.Messages;

/// <summary>
/// Writes gzip (RFC 1952) and zlib (RFC 1950) without compressing (RFC 1951, 3.2.4). The bytes of a real compressor differ between versions
/// and processors, and inputs must not.
/// </summary>
internal static class StoredDeflate
{
    private static readonly uint[] CrcTable = [.. Enumerable.Range(0, 256).Select(CrcOf)];

    /// <summary>A gzip file with content of less than 64 KiB.</summary>
    public static byte[] Gzip(ReadOnlySpan<byte> content)
    {
        var trailer = new byte[8];
        BinaryPrimitives.WriteUInt32LittleEndian(trailer, Crc32(content));
        BinaryPrimitives.WriteUInt32LittleEndian(trailer.AsSpan(4), (uint)content.Length);
        return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF, .. Block(content), .. trailer];
    }

    /// <summary>A zlib stream with content of less than 64 KiB.</summary>
    public static byte[] Zlib(ReadOnlySpan<byte> content)
    {
        var trailer = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(trailer, Adler32(content));
        return [0x78, 0x01, .. Block(content), .. trailer];
    }

    private static byte[] Block(ReadOnlySpan<byte> content)
    {
        var length = (ushort)content.Length;
        return [1, (byte)length, (byte)(length >> 8), (byte)~length, (byte)(~length >> 8), .. content];
    }

    private static uint Crc32(ReadOnlySpan<byte> content)
    {
        var crc = uint.MaxValue;
        foreach (var value in content)
        {
            crc = CrcTable[(byte)(crc ^ value)] ^ (crc >> 8);
        }

        return ~crc;
    }

    private static uint CrcOf(int value)
    {
        var crc = (uint)value;
        for (var bit = 0; bit < 8; bit++)
        {
            crc = (crc & 1) != 0 ? 0xEDB88320u ^ (crc >> 1) : crc >> 1;
        }

        return crc;
    }

    private static uint Adler32(ReadOnlySpan<byte> content)
    {
        var (low, high) = (1u, 0u);
        foreach (var value in content)
        {
            low = (low + value) % 65521;
            high = (high + low) % 65521;
        }

        return (high << 16) | low;
    }
}
