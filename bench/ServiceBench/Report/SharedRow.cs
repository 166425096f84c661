namespace Adam.Bench.ServiceBench.Report;

/// <summary>What came out for one way to take a step.</summary>
/// <param name="Name">The way.</param>
/// <param name="Milliseconds">The median of a step.</param>
/// <param name="OfEngine">The median of its ratio to the engine in process in the same round, without a policy.</param>
/// <param name="OfEngineAtBest">The ratio of the fastest rounds of both, which other programs have disturbed least.</param>
internal sealed record SharedRow(string Name, double Milliseconds, double OfEngine, double OfEngineAtBest);
