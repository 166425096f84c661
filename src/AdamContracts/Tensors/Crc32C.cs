using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Adam.V1;

/// <summary>
/// CRC-32C (Castagnoli; RFC 3720, appendix B.4): polynomial 0x1EDC6F41, reflected, begun with all ones and inverted at the end. The check value, of
/// the ASCII digits "123456789", is 0xE3069283.
/// </summary>
internal static class Crc32C
{
    /// <summary>What a sum is before its first byte, and what turns it around after its last one.</summary>
    public const uint Ones = uint.MaxValue;

    private const uint ReflectedPolynomial = 0x82F63B78;

    // The length of a lane: short enough for the innermost cache, long enough that joining lanes does not count.
    private const int LaneBytes = 8 << 10;

    // Entry 256 k + b is what byte k of a sum, if it is b, becomes behind as many zeros as a lane has bytes.
    private static readonly Lazy<uint[]> LaneTables = new(MakeLaneTables);

    // Slicing by eight: entry 256 k + b is what byte b contributes when k bytes follow it.
    private static readonly Lazy<uint[]> Tables = new(MakeTables);

    /// <summary>True if the processor has an instruction for it.</summary>
    public static bool IsHardware { get; } =
        System.Runtime.Intrinsics.X86.Sse42.IsSupported || System.Runtime.Intrinsics.Arm.Crc32.IsSupported;

    /// <summary>The checksum of bytes.</summary>
    public static uint Compute(ReadOnlySpan<byte> bytes) => Append(Ones, bytes) ^ Ones;

    /// <summary>Goes on with a sum that is not turned around yet.</summary>
    public static uint Append(uint sum, ReadOnlySpan<byte> bytes) => IsHardware ? AppendInLanes(sum, bytes) : AppendByTable(sum, bytes);

    /// <summary>The same of three runs of one length at a time: an instruction's result comes late, and three do not wait for each other.</summary>
    public static void AppendThree(ref uint first, ref uint second, ref uint third, ReadOnlySpan<byte> bytes)
    {
        int length = bytes.Length / 3;
        if (!IsHardware || length % sizeof(ulong) != 0)
        {
            first = Append(first, bytes[..length]);
            second = Append(second, bytes.Slice(length, length));
            third = Append(third, bytes[(2 * length)..]);
            return;
        }

        (uint a, uint b, uint c) = (first, second, third);
        ref byte start = ref MemoryMarshal.GetReference(bytes);
        for (int i = 0; i < length; i += sizeof(ulong))
        {
            a = BitOperations.Crc32C(a, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i)));
            b = BitOperations.Crc32C(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i + length)));
            c = BitOperations.Crc32C(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, i + length + length)));
        }

        (first, second, third) = (a, b, c);
    }

    /// <summary>The same for one run, of which long parts are summed in three lanes. A sum that is moved behind zeros joins one that began with zero.</summary>
    public static uint AppendInLanes(uint sum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 3 * LaneBytes)
        {
            (uint second, uint third) = (0, 0);
            AppendThree(ref sum, ref second, ref third, bytes[..(3 * LaneBytes)]);
            sum = BehindZeros(BehindZeros(sum) ^ second) ^ third;
            bytes = bytes[(3 * LaneBytes)..];
        }

        return AppendByInstruction(sum, bytes);
    }

    /// <summary>By the instruction of the processor, or what the runtime has in its place.</summary>
    public static uint AppendByInstruction(uint sum, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            sum = BitOperations.Crc32C(sum, MemoryMarshal.Read<ulong>(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte one in bytes)
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return sum;
    }

    /// <summary>By tables, on any processor.</summary>
    public static uint AppendByTable(uint sum, ReadOnlySpan<byte> bytes)
    {
        uint[] tables = Tables.Value;
        while (bytes.Length >= sizeof(ulong))
        {
            ulong eight = MemoryMarshal.Read<ulong>(bytes) ^ sum;
            sum = 0;
            for (int i = 0; i < sizeof(ulong); i++)
            {
                sum ^= tables[(256 * (7 - i)) + (byte)(eight >> (8 * i))];
            }

            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte one in bytes)
        {
            sum = tables[(byte)(sum ^ one)] ^ (sum >> 8);
        }

        return sum;
    }

    private static uint BehindZeros(uint sum)
    {
        uint[] tables = LaneTables.Value;
        return tables[(byte)sum] ^ tables[256 + (byte)(sum >> 8)] ^ tables[512 + (byte)(sum >> 16)] ^ tables[768 + (sum >> 24)];
    }

    private static uint[] MakeLaneTables()
    {
        byte[] zeros = new byte[LaneBytes];
        uint[] tables = new uint[4 * 256];
        for (int i = 0; i < tables.Length; i++)
        {
            tables[i] = AppendByInstruction((uint)(i % 256) << (8 * (i / 256)), zeros);
        }

        return tables;
    }

    private static uint[] MakeTables()
    {
        uint[] tables = new uint[8 * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint sum = value;
            for (int bit = 0; bit < 8; bit++)
            {
                sum = (sum & 1) != 0 ? (sum >> 1) ^ ReflectedPolynomial : sum >> 1;
            }

            tables[value] = sum;
        }

        for (int i = 256; i < tables.Length; i++)
        {
            tables[i] = tables[(byte)tables[i - 256]] ^ (tables[i - 256] >> 8);
        }

        return tables;
    }
}
