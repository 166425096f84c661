using Adam.Bench.LoadBench.Figures;

namespace Adam.Bench.GrpcBench.Figures;

/// <summary>A median and its quartiles.</summary>
internal readonly record struct Quartiles(double Lower, double Median, double Upper)
{
    /// <summary>Of values in any order.</summary>
    public static Quartiles Of(IEnumerable<double> values)
    {
        double[] all = [.. values];
        return new Quartiles(all.Quantile(0.25), all.Median(), all.Quantile(0.75));
    }

    /// <summary>The median, and the quartiles in parentheses.</summary>
    public string ToString(string format) => $"{Median.ToString(format)} ({Lower.ToString(format)} to {Upper.ToString(format)})";
}
