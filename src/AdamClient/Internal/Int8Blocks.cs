using System.Numerics;
using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>
/// One block of numbers as signed bytes with one scale: the largest magnitude divided by 127. The bits are the same for every width of vectors,
/// because each element is divided, rounded and multiplied on its own and the largest one is found by comparing integers.
/// </summary>
internal static class Int8Blocks
{
    private const int MagnitudeMask = 0x7FFF_FFFF;
    private const int Infinity = 0x7F80_0000;
    private const int Largest = 127;

    // Added and taken away again it rounds to the nearest integer, ties to even, everything below 2^22; quotients are a few hundred at most.
    private const float Rounder = 12_582_912;

    /// <summary>Encodes a block.</summary>
    /// <param name="values">The numbers; replaced by what the bytes mean. With one that is not finite all become NaN.</param>
    /// <param name="bytes">Room for as many bytes.</param>
    /// <returns>The scale; NaN if a number is not finite, 0 if all are so small that 127th parts of them vanish.</returns>
    public static float Encode(Span<float> values, Span<sbyte> bytes)
    {
        bytes = bytes[..values.Length];
        var largest = LargestMagnitude(MemoryMarshal.Cast<float, int>(values));
        if (largest >= Infinity)
        {
            bytes.Clear();
            values.Fill(float.NaN);
            return float.NaN;
        }

        var scale = BitConverter.Int32BitsToSingle(largest) / Largest;
        if (scale == 0)
        {
            bytes.Clear();
            values.Clear();
            return scale;
        }

        var width = Vector<float>.Count;
        var i = 0;
        for (; i + (4 * width) <= values.Length; i += 4 * width)
        {
            var first = Vector.Narrow(Quotients(values[i..], scale), Quotients(values[(i + width)..], scale));
            var second = Vector.Narrow(Quotients(values[(i + (2 * width))..], scale), Quotients(values[(i + (3 * width))..], scale));
            Vector.Narrow(first, second).CopyTo(bytes[i..]);
        }

        for (; i < values.Length; i++)
        {
            bytes[i] = (sbyte)Math.Clamp((values[i] / scale) + Rounder - Rounder, -Largest, Largest);
            values[i] = scale * bytes[i];
        }

        return scale;
    }

    // Magnitudes are ordered as their bits are, and NaN comes behind infinity.
    private static int LargestMagnitude(ReadOnlySpan<int> bits)
    {
        var width = Vector<int>.Count;
        var largest = Vector<int>.Zero;
        var i = 0;
        for (; i + width <= bits.Length; i += width)
        {
            largest = Vector.Max(largest, new Vector<int>(bits[i..]) & new Vector<int>(MagnitudeMask));
        }

        var result = 0;
        for (var lane = 0; lane < width; lane++)
        {
            result = Math.Max(result, largest[lane]);
        }

        for (; i < bits.Length; i++)
        {
            result = Math.Max(result, bits[i] & MagnitudeMask);
        }

        return result;
    }

    // As integers; what they mean goes where the numbers were.
    private static Vector<int> Quotients(Span<float> values, float scale)
    {
        var rounder = new Vector<float>(Rounder);
        var rounded = (new Vector<float>(values) / new Vector<float>(scale)) + rounder - rounder;
        var result = Vector.Min(Vector.Max(Vector.ConvertToInt32(rounded), new Vector<int>(-Largest)), new Vector<int>(Largest));
        (Vector.ConvertToSingle(result) * scale).CopyTo(values);
        return result;
    }
}
