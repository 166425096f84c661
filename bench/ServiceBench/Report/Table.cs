namespace Adam.Bench.ServiceBench.Report;

/// <summary>What came out of the rounds of one part for one model.</summary>
/// <param name="Title">What stands above it.</param>
/// <param name="Others">What the ways to take a step are compared with.</param>
/// <param name="Rows">The ways.</param>
internal sealed record Table(string Title, IReadOnlyList<string> Others, IReadOnlyList<Row> Rows);
