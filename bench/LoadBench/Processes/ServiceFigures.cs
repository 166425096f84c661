using Adam.Service.Storage.Log;

namespace Adam.Bench.LoadBench.Processes;

/// <summary>What the service's process uses.</summary>
/// <param name="ResidentBytes">Its memory as the system sees it, before any collection that was asked for.</param>
/// <param name="HeapBytes">Its managed heap, after that collection.</param>
/// <param name="ProcessorSeconds">The processor time that it has used since it started.</param>
/// <param name="AllocatedBytes">What it has allocated on the managed heap since it started.</param>
/// <param name="LogAppended">What became durable in its step log; 0 if it has none.</param>
/// <param name="LogSyncs">How often it waited for the device for that.</param>
internal sealed record ServiceFigures(
    long ResidentBytes, long HeapBytes, double ProcessorSeconds, long AllocatedBytes, long LogAppended, long LogSyncs)
{
    /// <summary>Of this process.</summary>
    /// <param name="collect">Whether after a collection.</param>
    /// <param name="log">The step log, if there is one.</param>
    public static ServiceFigures Take(bool collect, StepLog? log)
    {
        var resident = Environment.WorkingSet;
        var processor = Environment.CpuUsage.TotalTime.TotalSeconds;
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        return new ServiceFigures(resident, GC.GetTotalMemory(collect), processor, allocated, log?.Appended ?? 0, log?.Syncs ?? 0);
    }
}
