using System.Diagnostics;
using System.Globalization;

namespace Adam.Bench.GrpcBench;

/// <summary>Two ways to do the same, in turns.</summary>
/// <param name="processorTime">What client and server have used of the processors so far.</param>
/// <param name="pairs">How many pairs of runs.</param>
internal sealed class Contest(Func<TimeSpan> processorTime, int pairs)
{
    private readonly record struct Taken(double Seconds, double ProcessorSeconds);

    /// <summary>
    /// Runs pairs and prints medians, the median of the ratios, and their quartiles. The processor time of a unit, client and server together, stands
    /// beside them: on a machine that does other things too it says more than the rates.
    /// </summary>
    /// <param name="name">What is done.</param>
    /// <param name="units">What one run moves.</param>
    /// <param name="unit">What that is counted in, a second.</param>
    /// <param name="pieces">How many messages or calls one run has.</param>
    /// <param name="raw">Raw HTTP/2.</param>
    /// <param name="grpc">The gRPC runtime.</param>
    /// <param name="note">What else is to be said; asked for at the end.</param>
    public async Task RunAsync(string name, double units, string unit, int pieces, Func<Task> raw, Func<Task> grpc, Func<Task<string>>? note = null)
    {
        await raw();
        await grpc();
        List<double> rawRates = [], grpcRates = [], ratios = [], rawCosts = [], grpcCosts = [], costRatios = [];
        for (int pair = 0; pair < pairs; pair++)
        {
            // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
            (Taken first, Taken second) = pair % 2 == 0
                ? (await TimeAsync(raw), await TimeAsync(grpc))
                : Swap(await TimeAsync(grpc), await TimeAsync(raw));
            rawRates.Add(units / first.Seconds);
            grpcRates.Add(units / second.Seconds);
            ratios.Add(first.Seconds / second.Seconds);
            rawCosts.Add(first.ProcessorSeconds / pieces * 1e6);
            grpcCosts.Add(second.ProcessorSeconds / pieces * 1e6);
            costRatios.Add(first.ProcessorSeconds / second.ProcessorSeconds);
        }

        string said = note is null ? "" : await note();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {name} | {Quantile(rawRates, 0.5):0.00} {unit} | {Quantile(grpcRates, 0.5):0.00} {unit} | {Quantile(ratios, 0.5):0.00} "
            + $"({Quantile(ratios, 0.25):0.00} to {Quantile(ratios, 0.75):0.00}) | {Quantile(rawCosts, 0.5):0.0} and {Quantile(grpcCosts, 0.5):0.0} µs: "
            + $"{Quantile(costRatios, 0.5):0.00} ({Quantile(costRatios, 0.25):0.00} to {Quantile(costRatios, 0.75):0.00}) | {said} |"));
    }

    private static (Taken First, Taken Second) Swap(Taken first, Taken second) => (second, first);

    private async Task<Taken> TimeAsync(Func<Task> run)
    {
        TimeSpan used = processorTime();
        long start = Stopwatch.GetTimestamp();
        await run();
        return new Taken(Stopwatch.GetElapsedTime(start).TotalSeconds, (processorTime() - used).TotalSeconds);
    }

    private static double Quantile(List<double> values, double at)
    {
        double[] sorted = [.. values.Order()];
        double place = at * (sorted.Length - 1);
        int below = (int)place;
        return sorted[below] + ((place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]));
    }
}
