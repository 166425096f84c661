using Adam.Bench.LoadBench.Figures;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>What a neighbour's training was like for a while.</summary>
/// <param name="Latency">Its steps.</param>
/// <param name="Processor">The processors that the service used, of which each is 1.</param>
internal sealed record Phase(Latency Latency, double Processor);
