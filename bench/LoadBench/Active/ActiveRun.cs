using Adam.Bench.LoadBench.Figures;

namespace Adam.Bench.LoadBench.Active;

/// <summary>What streams did that trained together.</summary>
/// <param name="Rate">Steps in a second, of all.</param>
/// <param name="Latency">How long each step took.</param>
internal sealed record ActiveRun(double Rate, Latency Latency);
