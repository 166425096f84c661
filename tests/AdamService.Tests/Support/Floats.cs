using System.Runtime.InteropServices;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Support;

/// <summary>float32 numbers as wire bytes and back.</summary>
internal static class Floats
{
    public static ByteString ToBytes(ReadOnlySpan<float> values) => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));

    public static float[] FromBytes(ByteString bytes) => MemoryMarshal.Cast<byte, float>(bytes.Span).ToArray();

    /// <summary>Numbers as wire bytes of a dtype; those of bfloat16 lose their lower half.</summary>
    public static ByteString ToBytes(ReadOnlySpan<float> values, DType dtype)
    {
        if (dtype is DType.Float32 or DType.Unspecified)
        {
            return ToBytes(values);
        }

        var bits = new ushort[values.Length];
        for (var i = 0; i < bits.Length; i++)
        {
            bits[i] = dtype == DType.Float16
                ? BitConverter.HalfToUInt16Bits((Half)values[i])
                : (ushort)(BitConverter.SingleToUInt32Bits(values[i]) >> 16);
        }

        return ByteString.CopyFrom(MemoryMarshal.AsBytes(bits.AsSpan()));
    }

    /// <summary>Wire bytes of a dtype as float32, which holds them exactly.</summary>
    public static float[] FromBytes(ByteString bytes, DType dtype) => dtype switch
    {
        DType.Float16 => [.. MemoryMarshal.Cast<byte, Half>(bytes.Span).ToArray().Select(value => (float)value)],
        DType.Bfloat16 => [.. MemoryMarshal.Cast<byte, ushort>(bytes.Span).ToArray().Select(FromBits)],
        _ => FromBytes(bytes),
    };

    /// <summary>The number of a bfloat16 pattern.</summary>
    public static float FromBits(ushort bfloat16) => BitConverter.UInt32BitsToSingle((uint)bfloat16 << 16);

    /// <summary>Numbers that depend on nothing but the seed: about -1 to 1, no two the same in practice.</summary>
    public static float[] Random(int length, int seed)
    {
        // xorshift32: small, and the same on every platform and version.
        var state = (uint)seed * 2654435761u | 1u;
        var values = new float[length];
        for (var i = 0; i < length; i++)
        {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            values[i] = (state / (float)uint.MaxValue * 2) - 1;
        }

        return values;
    }
}
