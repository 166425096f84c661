using Adam.Bench.LoadBench.Figures;

namespace Adam.Bench.ServiceBench.Report;

/// <summary>What came out for one way to take a step.</summary>
/// <param name="Name">The way.</param>
/// <param name="Milliseconds">A step in each round.</param>
internal sealed record Times(string Name, IReadOnlyList<double> Milliseconds)
{
    /// <summary>The median.</summary>
    public double Median => Milliseconds.Median();

    /// <summary>The median of the ratios to another way in the same rounds.</summary>
    public double Of(Times other) => Milliseconds.Zip(other.Milliseconds, (time, others) => time / others).Median();

    /// <summary>The ratio of the fastest rounds of both, which other programs have disturbed least.</summary>
    public double OfAtBest(Times other) => Milliseconds.Min() / other.Milliseconds.Min();
}
