namespace Adam.Bench.LoadBench.Figures;

/// <summary>Numbers of several rounds.</summary>
internal static class Spread
{
    /// <summary>The median; not a number if there is none.</summary>
    public static double Median(this IEnumerable<double> values) => values.Quantile(0.5);

    /// <summary>A quantile, 0 to 1; not a number if there are no values.</summary>
    public static double Quantile(this IEnumerable<double> values, double at)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
        {
            return double.NaN;
        }

        var place = at * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
