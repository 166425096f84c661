using System.Runtime.CompilerServices;
using Adam.Engine.Kernels;

namespace Adam.Engine;

/// <summary>
/// Copies elements that come in other types into the tensors that gradients are held in. Sources need no alignment. The bits are the same for
/// every width of vectors; of a NaN only that it is one.
/// </summary>
public static unsafe class GradientConversion
{
    /// <summary>How many elements share a scale in <see cref="FromInt8Blocks(ReadOnlySpan{byte}, ReadOnlySpan{byte}, TensorView, long)"/>.</summary>
    public const int Int8BlockElements = 2048;

    /// <summary>Rounds binary64 numbers once, to nearest and ties to even, to the type of the destination.</summary>
    /// <param name="source">The numbers, eight bytes each, in the byte order of the machine.</param>
    /// <param name="destination">A float32 or float16 tensor.</param>
    /// <param name="offset">Where the first one goes.</param>
    /// <exception cref="ArgumentException">The source ends within a number, or the destination is of another type.</exception>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie within the destination.</exception>
    public static void FromFloat64(ReadOnlySpan<byte> source, TensorView destination, long offset) =>
        FromFloat64(KernelWidths.Best, source, destination, offset);

    /// <summary>Multiplies signed bytes by the scale of their block, in float32.</summary>
    /// <param name="scales">One float32 for each block of <see cref="Int8BlockElements"/> values; the last block may be shorter.</param>
    /// <param name="values">The values, one byte each.</param>
    /// <param name="destination">A float32 tensor.</param>
    /// <param name="offset">Where the first one goes.</param>
    /// <exception cref="ArgumentException">There are not as many scales as blocks, or the destination is not float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie within the destination.</exception>
    public static void FromInt8Blocks(ReadOnlySpan<byte> scales, ReadOnlySpan<byte> values, TensorView destination, long offset) =>
        FromInt8Blocks(KernelWidths.Best, scales, values, destination, offset);

    /// <summary>Writes elements of a shorter type, or of the same, as float32, which holds them exactly.</summary>
    /// <param name="dtype">The type of the elements.</param>
    /// <param name="source">The elements, in the byte order of the machine.</param>
    /// <param name="destination">A float32 tensor, which does not overlap with the source.</param>
    /// <param name="offset">Where the first one goes.</param>
    /// <exception cref="ArgumentException">The source ends within an element, or the destination is not float32.</exception>
    /// <exception cref="ArgumentOutOfRangeException">They do not lie within the destination.</exception>
    public static void ToFloat32(TensorDType dtype, ReadOnlySpan<byte> source, TensorView destination, long offset) =>
        ToFloat32(KernelWidths.Best, dtype, source, destination, offset);

    internal static void FromFloat64(KernelWidth width, ReadOnlySpan<byte> source, TensorView destination, long offset)
    {
        int count = Count(source, sizeof(double));
        fixed (byte* from = source, to = destination.Bytes(offset, count))
        {
            switch (destination.DType)
            {
                case TensorDType.Float32:
                    Conversions.Convert<Float64Elements, Float32Elements>(width, from, to, count);
                    break;
                case TensorDType.Float16:
                    Conversions.Convert<RoundedElements<StickyFloat64Elements>, Float16Elements>(width, from, to, count);
                    break;
                default:
                    throw new ArgumentException($"Expected a float32 or float16 tensor, not {destination.DType}.", nameof(destination));
            }
        }
    }

    internal static void FromInt8Blocks(
        KernelWidth width, ReadOnlySpan<byte> scales, ReadOnlySpan<byte> values, TensorView destination, long offset)
    {
        ThrowIfNotFloat32(destination);
        if (scales.Length != ((values.Length + Int8BlockElements - 1) / Int8BlockElements) * sizeof(float))
        {
            throw new ArgumentException($"{scales.Length} bytes of scales do not fit {values.Length} values.", nameof(scales));
        }

        fixed (byte* scale = scales, from = values, to = destination.Bytes(offset, values.Length))
        {
            for (int start = 0, block = 0; start < values.Length; start += Int8BlockElements, block++)
            {
                Conversions.Scale(
                    width,
                    (sbyte*)from + start,
                    Unsafe.ReadUnaligned<float>(scale + block * sizeof(float)),
                    (float*)to + start,
                    Math.Min(Int8BlockElements, values.Length - start));
            }
        }
    }

    internal static void ToFloat32(KernelWidth width, TensorDType dtype, ReadOnlySpan<byte> source, TensorView destination, long offset)
    {
        ThrowIfNotFloat32(destination);
        int count = Count(source, dtype.ElementBytes());
        Span<byte> room = destination.Bytes(offset, count);
        fixed (byte* from = source, to = room)
        {
            switch (dtype)
            {
                case TensorDType.Float16:
                    Conversions.Convert<Float16Elements, Float32Elements>(width, from, to, count);
                    break;
                case TensorDType.BFloat16:
                    Conversions.Convert<BFloat16Elements, Float32Elements>(width, from, to, count);
                    break;
                default:
                    source.CopyTo(room);
                    break;
            }
        }
    }

    private static int Count(ReadOnlySpan<byte> source, int size) => source.Length % size == 0
        ? source.Length / size
        : throw new ArgumentException($"{source.Length} bytes are not whole elements of {size} bytes.", nameof(source));

    private static void ThrowIfNotFloat32(TensorView destination)
    {
        if (destination.DType != TensorDType.Float32)
        {
            throw new ArgumentException($"Expected a float32 tensor, not {destination.DType}.", nameof(destination));
        }
    }
}
