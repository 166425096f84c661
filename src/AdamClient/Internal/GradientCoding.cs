using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>float32 numbers to the shorter encodings and back, in blocks of at most <see cref="BlockElements"/>.</summary>
internal static class GradientCoding
{
    /// <summary>Elements that share a scale in <see cref="GradientEncoding.Int8Blocks"/>.</summary>
    public const int BlockElements = 2048;

    private const int ScaleBytes = sizeof(float);
    private const float Int8Max = 127;
    private const ushort QuietBit = 0x40;

    /// <summary>How many bytes so many elements take in a chunk.</summary>
    public static int Bytes(GradientEncoding encoding, int elements) => encoding == GradientEncoding.Int8Blocks
        ? elements + (Blocks(elements) * ScaleBytes)
        : elements * sizeof(ushort);

    /// <summary>How many elements a chunk of so many bytes may have.</summary>
    public static int ElementsMax(GradientEncoding encoding, ulong chunkBytesMax) => encoding == GradientEncoding.Int8Blocks
        ? (int)Math.Clamp(chunkBytesMax / (BlockElements + ScaleBytes), 1, 1 << 19) * BlockElements
        : (int)Math.Clamp(chunkBytesMax / sizeof(ushort), 1, 1 << 30);

    /// <summary>Encodes one block of a chunk.</summary>
    /// <param name="encoding">How.</param>
    /// <param name="values">The numbers; replaced by what the service will read.</param>
    /// <param name="chunk">The data of the whole chunk.</param>
    /// <param name="start">The first element of the block in the chunk, a multiple of <see cref="BlockElements"/>.</param>
    /// <param name="chunkElements">How many elements the chunk has.</param>
    public static void EncodeBlock(GradientEncoding encoding, Span<float> values, Span<byte> chunk, int start, int chunkElements)
    {
        switch (encoding)
        {
            case GradientEncoding.BFloat16:
                ToBFloat16(values, MemoryMarshal.Cast<byte, ushort>(chunk).Slice(start, values.Length));
                break;
            case GradientEncoding.Float16:
                ToFloat16(values, MemoryMarshal.Cast<byte, Half>(chunk).Slice(start, values.Length));
                break;
            case GradientEncoding.Int8Blocks:
                var scales = Blocks(chunkElements) * ScaleBytes;
                var scale = ToInt8(values, MemoryMarshal.Cast<byte, sbyte>(chunk[scales..]).Slice(start, values.Length));
                MemoryMarshal.Write(chunk[(start / BlockElements * ScaleBytes)..], scale);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Not an encoding of gradients.");
        }
    }

    private static int Blocks(int elements) => (elements + BlockElements - 1) / BlockElements;

    private static void ToBFloat16(Span<float> values, Span<ushort> bits)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var pattern = BitConverter.SingleToUInt32Bits(values[i]);
            bits[i] = float.IsNaN(values[i])
                ? (ushort)((pattern >> 16) | QuietBit)
                : (ushort)((pattern + 0x7FFF + ((pattern >> 16) & 1)) >> 16);
            values[i] = BitConverter.UInt32BitsToSingle((uint)bits[i] << 16);
        }
    }

    private static void ToFloat16(Span<float> values, Span<Half> halves)
    {
        for (var i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
            values[i] = (float)halves[i];
        }
    }

    private static float ToInt8(Span<float> values, Span<sbyte> bytes)
    {
        var largest = 0f;
        foreach (var value in values)
        {
            // MathF.Max hands a NaN on.
            largest = MathF.Max(largest, MathF.Abs(value));
        }

        var scale = float.IsFinite(largest) ? largest / Int8Max : float.NaN;
        for (var i = 0; i < values.Length; i++)
        {
            bytes[i] = scale > 0 ? (sbyte)Math.Clamp(MathF.Round(values[i] / scale, MidpointRounding.ToEven), -Int8Max, Int8Max) : (sbyte)0;
            values[i] = scale * bytes[i];
        }

        return scale;
    }
}
