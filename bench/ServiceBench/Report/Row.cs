namespace Adam.Bench.ServiceBench.Report;

/// <summary>A line of a table.</summary>
/// <param name="Name">The way to take a step.</param>
/// <param name="Milliseconds">The median of a step.</param>
/// <param name="Ratios">To what it is compared with, one for each of <see cref="Table.Others"/>.</param>
internal sealed record Row(string Name, double Milliseconds, IReadOnlyList<double> Ratios);
