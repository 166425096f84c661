using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Adam.Service.Tests.Support;

/// <summary>float32 numbers as wire bytes and back.</summary>
internal static class Floats
{
    public static ByteString ToBytes(ReadOnlySpan<float> values) => ByteString.CopyFrom(MemoryMarshal.AsBytes(values));

    public static float[] FromBytes(ByteString bytes) => MemoryMarshal.Cast<byte, float>(bytes.Span).ToArray();

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
