using System.Numerics;
using Adam.Engine;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>What a step changed of a tensor, in place of the values that it had before.</summary>
internal static class TensorDifference
{
    private const int RunLength = 1 << 20;

    /// <summary>Copies values that are to be subtracted from later. float16 may be copied to float32, which holds them exactly.</summary>
    public static void CopyOld(TensorView weights, TensorView copy)
    {
        if (weights.DType == copy.DType)
        {
            weights.CopyTo(copy);
            return;
        }

        for (long start = 0; start < weights.ElementCount; start += RunLength)
        {
            var count = (int)Math.Min(RunLength, weights.ElementCount - start);
            ElementConversion.WidenFloat16(weights.Span<ushort>(start, count), copy.Span<float>(start, count));
        }
    }

    /// <summary>Turns old values into new − old, rounded once.</summary>
    /// <param name="old">The old values, which <see cref="CopyOld"/> copied.</param>
    /// <param name="updated">The present ones.</param>
    /// <param name="isRoundedLater">
    /// True if float32 differences are rounded to a shorter type afterwards: then an inexact one is left as its odd neighbour, so that the
    /// second rounding gives what a single one would have given.
    /// </param>
    public static void Subtract(TensorView old, TensorView updated, bool isRoundedLater)
    {
        for (long start = 0; start < old.ElementCount; start += RunLength)
        {
            var count = (int)Math.Min(RunLength, old.ElementCount - start);
            if (old.DType == TensorDType.Float16)
            {
                Subtract(old.Span<Half>(start, count), updated.Span<Half>(start, count));
            }
            else if (updated.DType == TensorDType.Float16)
            {
                SubtractWidened(old.Span<float>(start, count), updated.Span<ushort>(start, count), isRoundedLater);
            }
            else
            {
                Subtract(old.Span<float>(start, count), updated.Span<float>(start, count), isRoundedLater);
            }
        }
    }

    /// <summary>Turns old values into the bits that differ.</summary>
    public static void Xor(TensorView old, TensorView updated)
    {
        for (long start = 0; start < old.ElementCount; start += RunLength)
        {
            var count = (int)Math.Min(RunLength, old.ElementCount - start);
            Span<byte> target = old.Bytes(start, count);
            ReadOnlySpan<byte> source = updated.Bytes(start, count);
            var whole = target.Length / Vector<byte>.Count * Vector<byte>.Count;
            for (var i = 0; i < whole; i += Vector<byte>.Count)
            {
                (new Vector<byte>(target[i..]) ^ new Vector<byte>(source[i..])).CopyTo(target[i..]);
            }

            for (var i = whole; i < target.Length; i++)
            {
                target[i] ^= source[i];
            }
        }
    }

    private static void SubtractWidened(Span<float> old, ReadOnlySpan<ushort> updated, bool isRoundedLater)
    {
        const int Length = 512;
        Span<float> widened = stackalloc float[Length];
        for (var start = 0; start < old.Length; start += Length)
        {
            var count = Math.Min(Length, old.Length - start);
            ElementConversion.WidenFloat16(updated.Slice(start, count), widened);
            Subtract(old.Slice(start, count), widened[..count], isRoundedLater);
        }
    }

    private static void Subtract(Span<float> old, ReadOnlySpan<float> updated, bool isRoundedLater)
    {
        var whole = old.Length / Vector<float>.Count * Vector<float>.Count;
        for (var i = 0; i < whole; i += Vector<float>.Count)
        {
            Vector<float> a = new(updated[i..]), b = new(old[i..]);
            (isRoundedLater ? SubtractToOdd(a, b) : a - b).CopyTo(old[i..]);
        }

        for (var i = whole; i < old.Length; i++)
        {
            old[i] = isRoundedLater ? SubtractToOdd(new Vector<float>(updated[i]), new Vector<float>(old[i]))[0] : updated[i] - old[i];
        }
    }

    private static void Subtract(Span<Half> old, ReadOnlySpan<Half> updated)
    {
        for (var i = 0; i < old.Length; i++)
        {
            old[i] = updated[i] - old[i];
        }
    }

    // Knuth's TwoSum gives the error of the rounding. Where there is one, and the rounded difference ends in a zero bit, the neighbour on the
    // side of the error is the odd one (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums: proved algorithms using rounding to odd").
    private static Vector<float> SubtractToOdd(Vector<float> a, Vector<float> b)
    {
        var difference = a - b;
        var subtracted = a - difference;
        var error = (a - (difference + subtracted)) + (subtracted - b);
        var isInexact = Vector.AsVectorInt32(Vector.LessThan(Vector.Abs(error), new Vector<float>(float.PositiveInfinity)))
            & ~Vector.AsVectorInt32(Vector.Equals(error, Vector<float>.Zero));
        var bits = Vector.AsVectorInt32(difference);
        var isEven = Vector.Equals(bits & Vector<int>.One, Vector<int>.Zero);
        var isSameSign = Vector.GreaterThanOrEqual(bits ^ Vector.AsVectorInt32(error), Vector<int>.Zero);
        var step = Vector.ConditionalSelect(isSameSign, Vector<int>.One, -Vector<int>.One);
        return Vector.AsVectorSingle(bits + (step & isInexact & isEven));
    }
}
