using System.Runtime.InteropServices;

namespace Adam.Client.Internal;

/// <summary>float32 numbers to the shorter encodings and back, in blocks of at most <see cref="BlockElements"/>.</summary>
internal static class GradientCoding
{
    /// <summary>Elements that share a scale in <see cref="GradientEncoding.Int8Blocks"/>.</summary>
    public const int BlockElements = 2048;

    private const int ScaleBytes = sizeof(float);

    /// <summary>How many bytes so many elements take in a chunk.</summary>
    public static int Bytes(GradientEncoding encoding, int elements) => encoding == GradientEncoding.Int8Blocks
        ? elements + (Blocks(elements) * ScaleBytes)
        : elements * sizeof(ushort);

    /// <summary>How many elements a chunk of so many bytes may have.</summary>
    public static int ElementsMax(GradientEncoding encoding, ulong chunkBytesMax) => encoding == GradientEncoding.Int8Blocks
        ? (int)Math.Clamp(chunkBytesMax / (BlockElements + ScaleBytes), 1, 1 << 19) * BlockElements
        : (int)Math.Clamp(chunkBytesMax / sizeof(ushort), 1, 1 << 30);

    /// <summary>Encodes a whole chunk, where each element stands for itself.</summary>
    /// <param name="encoding">How.</param>
    /// <param name="values">The numbers, which stay as they are.</param>
    /// <param name="chunk">The data of the chunk.</param>
    /// <returns>False, and nothing is done, if the encoding is one of blocks.</returns>
    public static bool TryEncode(GradientEncoding encoding, ReadOnlySpan<float> values, Span<byte> chunk)
    {
        switch (encoding)
        {
            case GradientEncoding.BFloat16:
                V1.ElementConversion.NarrowToBFloat16(values, MemoryMarshal.Cast<byte, ushort>(chunk));
                return true;
            case GradientEncoding.Float16:
                V1.ElementConversion.NarrowToFloat16(values, MemoryMarshal.Cast<byte, ushort>(chunk));
                return true;
            default:
                return false;
        }
    }

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
                var upper = MemoryMarshal.Cast<byte, ushort>(chunk).Slice(start, values.Length);
                V1.ElementConversion.NarrowToBFloat16(values, upper);
                V1.ElementConversion.WidenBFloat16(upper, values);
                break;
            case GradientEncoding.Float16:
                var halves = MemoryMarshal.Cast<byte, ushort>(chunk).Slice(start, values.Length);
                V1.ElementConversion.NarrowToFloat16(values, halves);
                V1.ElementConversion.WidenFloat16(halves, values);
                break;
            case GradientEncoding.Int8Blocks:
                var scales = Blocks(chunkElements) * ScaleBytes;
                var scale = Int8Blocks.Encode(values, MemoryMarshal.Cast<byte, sbyte>(chunk[scales..]).Slice(start, values.Length));
                MemoryMarshal.Write(chunk[(start / BlockElements * ScaleBytes)..], scale);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(encoding), encoding, "Not an encoding of gradients.");
        }
    }

    private static int Blocks(int elements) => (elements + BlockElements - 1) / BlockElements;
}
