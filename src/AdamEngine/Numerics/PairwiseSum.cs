namespace Adam.Engine.Numerics;

/// <summary>
/// The summation order of NumPy's <c>add.reduce</c> over a contiguous float32 array, which decides the last bits of every norm:
/// blocks of NumPy's buffer size added in order, and pairwise summation with eight accumulators inside a block.
/// </summary>
internal static class PairwiseSum
{
    /// <summary>Elements per block: the size of NumPy's reduction buffer.</summary>
    public const int BlockLength = 8192;

    private const int Lanes = 8;
    private const int LongestUnsplit = 128;

    /// <summary>The sum of the elements.</summary>
    public static float Of(ReadOnlySpan<float> values)
    {
        float total = 0f;
        for (; values.Length > BlockLength; values = values[BlockLength..])
        {
            total += Block(values[..BlockLength]);
        }

        return values.IsEmpty ? total : total + Block(values);
    }

    /// <summary>The sum of the squares; every square is rounded to float32 first, as it is an array of its own in Keras.</summary>
    public static float OfSquares(ReadOnlySpan<float> values)
    {
        Span<float> squares = stackalloc float[Math.Min(values.Length, BlockLength)];
        float total = 0f;
        while (!values.IsEmpty)
        {
            Span<float> block = squares[..Math.Min(values.Length, BlockLength)];
            for (int i = 0; i < block.Length; i++)
            {
                block[i] = values[i] * values[i];
            }

            total += Block(block);
            values = values[block.Length..];
        }

        return total;
    }

    private static float Block(ReadOnlySpan<float> values)
    {
        if (values.Length < Lanes)
        {
            return Sequential(values);
        }

        if (values.Length <= LongestUnsplit)
        {
            return InLanes(values);
        }

        int half = values.Length / 2;
        half -= half % Lanes;
        return Block(values[..half]) + Block(values[half..]);
    }

    private static float Sequential(ReadOnlySpan<float> values)
    {
        float sum = 0f;
        foreach (float value in values)
        {
            sum += value;
        }

        return sum;
    }

    private static float InLanes(ReadOnlySpan<float> values)
    {
        Span<float> lanes = stackalloc float[Lanes];
        values[..Lanes].CopyTo(lanes);
        int i = Lanes;
        for (; i + Lanes <= values.Length; i += Lanes)
        {
            for (int lane = 0; lane < Lanes; lane++)
            {
                lanes[lane] += values[i + lane];
            }
        }

        float sum = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
        for (; i < values.Length; i++)
        {
            sum += values[i];
        }

        return sum;
    }
}
