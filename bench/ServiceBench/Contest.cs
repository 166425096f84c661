using Adam.Bench.ServiceBench.Parts;
using Adam.Bench.ServiceBench.Report;

namespace Adam.Bench.ServiceBench;

/// <summary>The parts that are measured, one after the other, of one model at a time.</summary>
/// <param name="rounds">How often each way to take a step has its turn.</param>
/// <param name="parts">The parts.</param>
/// <param name="withTorch">Whether torch takes part, which has to be installed.</param>
internal sealed class Contest(Rounds rounds, IReadOnlyList<IPart> parts, bool withTorch)
{
    /// <summary>Measures a model.</summary>
    public async Task RunAsync(Workload workload, Findings findings)
    {
        findings.Tables.Begin(workload);
        await using var yardsticks = new Yardsticks(workload, withTorch);
        foreach (var part in parts.Where(part => part.Suits(workload)))
        {
            await part.RunAsync(yardsticks, rounds, findings);

            // The next one needs as much memory, and its arrays are too large to be collected in time.
            GC.Collect();
        }
    }
}
