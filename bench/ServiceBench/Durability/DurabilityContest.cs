using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Report;
using Adam.Bench.StepBench;

namespace Adam.Bench.ServiceBench.Durability;

/// <summary>What it costs to have every step on disk, and what a snapshot costs those who train meanwhile.</summary>
/// <param name="isQuick">Only to see that everything runs.</param>
/// <param name="rounds">How often each has its turn.</param>
internal sealed class DurabilityContest(bool isQuick, int rounds)
{
    /// <summary>Measures a part or all of it, in a process that ends with it, on the disk of the temporary folder.</summary>
    public async Task RunAsync(DurabilityPart part, Markdown tables)
    {
        using var folder = new TemporaryFolder();
        List<string> settings = [$"Durability:Directory={folder.PathOf("data")}", "Limits:MemoryBytes=12000000000"];
        await using var service = await ServiceProcess.StartAsync("http://127.0.0.1:0", settings);
        tables.Line($"### Durability");
        tables.Line($"");
        if (part is DurabilityPart.All or DurabilityPart.Small)
        {
            await SmallSessions.RunAsync(service, isQuick ? 4 : 64, isQuick ? 20 : 400, rounds, tables);
        }

        if (part is DurabilityPart.All or DurabilityPart.Large)
        {
            await LargeBatches.RunAsync(service, folder.FullName, isQuick ? 1 << 16 : 32 << 20, rounds, tables);
        }

        if (part is DurabilityPart.All or DurabilityPart.Snapshots)
        {
            await SnapshotPauses.RunAsync(service, isQuick ? [1 << 16] : Models.Gpt2Small(), isQuick ? 3 : 8, rounds, tables);
        }

        tables.Line($"");
    }
}
