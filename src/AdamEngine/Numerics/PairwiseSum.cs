using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Adam.Engine.Numerics;

/// <summary>
/// The summation order of NumPy's <c>add.reduce</c> over a contiguous array, which decides the last bits of every norm: blocks of
/// NumPy's buffer size added in order, and pairwise summation with eight accumulators inside a block.
/// </summary>
internal static unsafe class PairwiseSum
{
    /// <summary>Elements per block: the size of NumPy's reduction buffer.</summary>
    public const int BlockLength = 8192;

    private const int Lanes = 8;
    private const int LongestUnsplit = 128;

    /// <summary>The sum of float32 elements.</summary>
    public static float Of(ReadOnlySpan<float> values)
    {
        float total = 0f;
        fixed (float* elements = values)
        {
            for (int start = 0; start < values.Length; start += BlockLength)
            {
                total += Block(elements + start, Math.Min(BlockLength, values.Length - start));
            }
        }

        return total;
    }

    /// <summary>The sum within one block. float16 elements are summed in float32 too; only the total over blocks is rounded.</summary>
    /// <param name="values">The elements.</param>
    /// <param name="count">At most <see cref="BlockLength"/>.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static float Block(float* values, int count)
    {
        if (count < Lanes)
        {
            float sum = 0f;
            for (int i = 0; i < count; i++)
            {
                sum += values[i];
            }

            return sum;
        }

        if (count <= LongestUnsplit)
        {
            return InLanes(values, count);
        }

        int half = count / 2;
        half -= half % Lanes;
        return Block(values, half) + Block(values + half, count - half);
    }

    /// <summary>The sum of eight accumulators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float OfLanes(Vector256<float> lanes) =>
        ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float InLanes(float* values, int count)
    {
        // Where there are no vectors, the base class library computes these element by element: the same bits.
        Vector256<float> lanes = Vector256.Load(values);
        int i = Lanes;
        for (; i + Lanes <= count; i += Lanes)
        {
            lanes += Vector256.Load(values + i);
        }

        float sum = OfLanes(lanes);
        for (; i < count; i++)
        {
            sum += values[i];
        }

        return sum;
    }
}
