using System.Diagnostics;
using System.Globalization;

namespace Adam.Bench.GrpcBench;

/// <summary>Two ways to do the same, in turns.</summary>
internal static class Contest
{
    /// <summary>Runs pairs and prints medians, the median of the ratios, and their quartiles.</summary>
    /// <param name="name">What is done.</param>
    /// <param name="pairs">How many pairs.</param>
    /// <param name="units">What one run moves.</param>
    /// <param name="unit">What that is counted in, a second.</param>
    /// <param name="raw">Raw HTTP/2.</param>
    /// <param name="grpc">The gRPC runtime.</param>
    /// <param name="note">What else is to be said; asked for at the end.</param>
    public static async Task RunAsync(
        string name, int pairs, double units, string unit, Func<Task> raw, Func<Task> grpc, Func<Task<string>>? note = null)
    {
        await raw();
        await grpc();
        List<double> rawRates = [], grpcRates = [], ratios = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
            (double first, double second) = pair % 2 == 0
                ? (await TimeAsync(raw), await TimeAsync(grpc))
                : Swap(await TimeAsync(grpc), await TimeAsync(raw));
            rawRates.Add(units / first);
            grpcRates.Add(units / second);
            ratios.Add(first / second);
        }

        string said = note is null ? "" : await note();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Quantile(rawRates, 0.5):0.00} {unit} | {Quantile(grpcRates, 0.5):0.00} {unit} | {Quantile(ratios, 0.5):0.00} "
            + $"({Quantile(ratios, 0.25):0.00} to {Quantile(ratios, 0.75):0.00}) | {said} |"));
    }

    private static (double First, double Second) Swap(double first, double second) => (second, first);

    private static async Task<double> TimeAsync(Func<Task> run)
    {
        long start = Stopwatch.GetTimestamp();
        await run();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static double Quantile(List<double> values, double at)
    {
        double[] sorted = [.. values.Order()];
        double place = at * (sorted.Length - 1);
        int below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
