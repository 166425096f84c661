namespace Adam.Engine.Numerics;

/// <summary>
/// The sum of squares for reports, in double: it never overflows for float32 input, and nothing that is applied depends on it.
/// </summary>
/// <remarks>
/// The order is fixed so that reports do not depend on threads or vector widths: per block of
/// <see cref="PairwiseSum.BlockLength"/> elements, element i goes to lane i mod 8; the lanes are added pairwise; blocks in order.
/// </remarks>
internal static class ReportedNorm
{
    private const int Lanes = 8;

    public static double SumOfSquares(ReadOnlySpan<float> values)
    {
        double total = 0;
        while (!values.IsEmpty)
        {
            int length = Math.Min(values.Length, PairwiseSum.BlockLength);
            total += Block(values[..length]);
            values = values[length..];
        }

        return total;
    }

    private static double Block(ReadOnlySpan<float> values)
    {
        Span<double> lanes = stackalloc double[Lanes];
        lanes.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            lanes[i % Lanes] += (double)values[i] * values[i];
        }

        return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
    }
}
