using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.LoadBench.Idle;

/// <summary>What was seen when the streams were opened and closed once.</summary>
/// <param name="Before">The service with its sessions and without the streams.</param>
/// <param name="OpenSeconds">How long it took to open all.</param>
/// <param name="Open">The service with them.</param>
/// <param name="Closed">The service after them.</param>
/// <param name="IdleProcessor">Processor time that they cost in a second in which nothing happens.</param>
/// <param name="Alone">A trainer without them.</param>
/// <param name="Beside">The same trainer beside them.</param>
internal sealed record IdleRound(
    ServiceFigures Before, double OpenSeconds, ServiceFigures Open, ServiceFigures Closed, double IdleProcessor, Latency Alone, Latency Beside);
