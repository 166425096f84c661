namespace Adam.Bench.ServiceBench.Report;

/// <summary>What came out for one way to take a step.</summary>
/// <param name="Name">The way.</param>
/// <param name="Milliseconds">The median of a step.</param>
/// <param name="OfRaw">The median of its ratio to raw HTTP/2 in the same round.</param>
/// <param name="OfEngine">The same to the engine in process.</param>
/// <param name="OfTorch">Its ratio to torch; null if that was not asked for.</param>
internal sealed record Row(string Name, double Milliseconds, double OfRaw, double OfEngine, double? OfTorch);
