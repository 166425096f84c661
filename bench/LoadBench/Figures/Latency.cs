namespace Adam.Bench.LoadBench.Figures;

/// <summary>How long steps took.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="P50">The median in milliseconds.</param>
/// <param name="P99">What one in a hundred exceeded, in milliseconds.</param>
internal sealed record Latency(int Count, double P50, double P99)
{
    /// <summary>Of times in milliseconds.</summary>
    public static Latency Of(IReadOnlyCollection<double> times) => new(times.Count, times.Quantile(0.5), times.Quantile(0.99));
}
