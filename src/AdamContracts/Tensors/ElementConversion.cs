using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Adam.V1;

/// <summary>
/// Elements of one floating-point type as elements of another: widened exactly, or rounded to the nearest, ties to even, beyond the largest
/// to infinity. NaN stays NaN and keeps its sign and as much of its payload as there is room for. The bits do not depend on the width of vectors.
/// </summary>
public static class ElementConversion
{
    /// <summary>binary16 to float32, exactly.</summary>
    /// <param name="source">Bit patterns.</param>
    /// <param name="destination">Room for as many; the two must not overlap.</param>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static void WidenFloat16(ReadOnlySpan<ushort> source, Span<float> destination) =>
        Widen<Float16Conversion>(source, destination, ConversionWidths.Best);

    /// <summary>bfloat16 to float32, exactly.</summary>
    /// <param name="source">Bit patterns.</param>
    /// <param name="destination">Room for as many; the two must not overlap.</param>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static void WidenBFloat16(ReadOnlySpan<ushort> source, Span<float> destination) =>
        Widen<BFloat16Conversion>(source, destination, ConversionWidths.Best);

    /// <summary>float32 to binary16, rounded.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="destination">Room for as many bit patterns; the two must not overlap.</param>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static void NarrowToFloat16(ReadOnlySpan<float> source, Span<ushort> destination) =>
        Narrow<Float16Conversion>(source, destination, ConversionWidths.Best);

    /// <summary>float32 to bfloat16, rounded.</summary>
    /// <param name="source">The elements.</param>
    /// <param name="destination">Room for as many bit patterns; the two must not overlap.</param>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static void NarrowToBFloat16(ReadOnlySpan<float> source, Span<ushort> destination) =>
        Narrow<BFloat16Conversion>(source, destination, ConversionWidths.Best);

    /// <summary>binary16 to bfloat16, rounded.</summary>
    /// <param name="source">Bit patterns.</param>
    /// <param name="destination">Room for as many; the two must not overlap.</param>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static void Float16ToBFloat16(ReadOnlySpan<ushort> source, Span<ushort> destination)
    {
        ThrowIfShort(source.Length, destination.Length);
        const int Length = 1024;
        Span<float> between = stackalloc float[Length];
        for (int start = 0; start < source.Length; start += Length)
        {
            ReadOnlySpan<ushort> run = source.Slice(start, Math.Min(Length, source.Length - start));
            WidenFloat16(run, between);
            NarrowToBFloat16(between[..run.Length], destination[start..]);
        }
    }

    /// <summary>bfloat16 to binary16, rounded.</summary>
    /// <param name="source">Bit patterns.</param>
    /// <param name="destination">Room for as many; the two must not overlap.</param>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static void BFloat16ToFloat16(ReadOnlySpan<ushort> source, Span<ushort> destination)
    {
        ThrowIfShort(source.Length, destination.Length);
        const int Length = 1024;
        Span<float> between = stackalloc float[Length];
        for (int start = 0; start < source.Length; start += Length)
        {
            ReadOnlySpan<ushort> run = source.Slice(start, Math.Min(Length, source.Length - start));
            WidenBFloat16(run, between);
            NarrowToFloat16(between[..run.Length], destination[start..]);
        }
    }

    internal static void Widen<TShort>(ReadOnlySpan<ushort> source, Span<float> destination, ConversionWidth width)
        where TShort : struct, IShortFloat
    {
        ThrowIfShort(source.Length, destination.Length);
        ref ushort from = ref MemoryMarshal.GetReference(source);
        ref float to = ref MemoryMarshal.GetReference(destination);
        nuint i = 0;
        nuint length = (nuint)source.Length;
        if (width == ConversionWidth.Vector512)
        {
            for (; i + 16 <= length; i += 16)
            {
                (Vector256<uint> lower, Vector256<uint> upper) = Vector256.Widen(Vector256.LoadUnsafe(ref from, i));
                TShort.Widen(Vector512.Create(lower, upper)).StoreUnsafe(ref to, i);
            }
        }
        else if (width == ConversionWidth.Vector256)
        {
            for (; i + 8 <= length; i += 8)
            {
                (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.LoadUnsafe(ref from, i));
                TShort.Widen(Vector256.Create(lower, upper)).StoreUnsafe(ref to, i);
            }
        }
        else if (width == ConversionWidth.Vector128)
        {
            for (; i + 8 <= length; i += 8)
            {
                (Vector128<uint> lower, Vector128<uint> upper) = Vector128.Widen(Vector128.LoadUnsafe(ref from, i));
                TShort.Widen(lower).StoreUnsafe(ref to, i);
                TShort.Widen(upper).StoreUnsafe(ref to, i + 4);
            }
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref to, i) = TShort.Widen(Unsafe.Add(ref from, i));
        }
    }

    internal static void Narrow<TShort>(ReadOnlySpan<float> source, Span<ushort> destination, ConversionWidth width)
        where TShort : struct, IShortFloat
    {
        ThrowIfShort(source.Length, destination.Length);
        ref float from = ref MemoryMarshal.GetReference(source);
        ref ushort to = ref MemoryMarshal.GetReference(destination);
        nuint i = 0;
        nuint length = (nuint)source.Length;
        if (width == ConversionWidth.Vector512)
        {
            for (; i + 32 <= length; i += 32)
            {
                Vector512<uint> lower = TShort.Narrow(Vector512.LoadUnsafe(ref from, i));
                Vector512<uint> upper = TShort.Narrow(Vector512.LoadUnsafe(ref from, i + 16));
                Vector512.Narrow(lower, upper).StoreUnsafe(ref to, i);
            }
        }
        else if (width == ConversionWidth.Vector256)
        {
            for (; i + 16 <= length; i += 16)
            {
                Vector256<uint> lower = TShort.Narrow(Vector256.LoadUnsafe(ref from, i));
                Vector256<uint> upper = TShort.Narrow(Vector256.LoadUnsafe(ref from, i + 8));
                Vector256.Narrow(lower, upper).StoreUnsafe(ref to, i);
            }
        }
        else if (width == ConversionWidth.Vector128)
        {
            for (; i + 8 <= length; i += 8)
            {
                Vector128<uint> lower = TShort.Narrow(Vector128.LoadUnsafe(ref from, i));
                Vector128<uint> upper = TShort.Narrow(Vector128.LoadUnsafe(ref from, i + 4));
                Vector128.Narrow(lower, upper).StoreUnsafe(ref to, i);
            }
        }

        for (; i < length; i++)
        {
            Unsafe.Add(ref to, i) = TShort.Narrow(Unsafe.Add(ref from, i));
        }
    }

    private static void ThrowIfShort(int needed, int room)
    {
        if (room < needed)
        {
            throw new ArgumentException($"There is room for {room} elements; {needed} are to be converted.", nameof(room));
        }
    }
}
