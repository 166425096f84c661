namespace Adam.Bench.GrpcBench.Figures;

/// <summary>What a process has used since it started.</summary>
/// <param name="ProcessorSeconds">Processor time.</param>
/// <param name="AllocatedBytes">What it has allocated on the managed heap.</param>
/// <param name="LargeObjectBytes">What lies on the large-object heap, as the last collection saw it.</param>
internal readonly record struct ProcessFigures(double ProcessorSeconds, long AllocatedBytes, long LargeObjectBytes)
{
    private const int LargeObjectHeap = 3;

    /// <summary>Of this process.</summary>
    /// <param name="withLargeObjects">Whether after a collection of the youngest objects, which lets all large ones lie and counts them.</param>
    public static ProcessFigures Take(bool withLargeObjects)
    {
        if (withLargeObjects)
        {
            GC.Collect(0, GCCollectionMode.Forced, blocking: true);
        }

        GCGenerationInfo large = GC.GetGCMemoryInfo(GCKind.Any).GenerationInfo[LargeObjectHeap];
        return new ProcessFigures(
            Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true), large.SizeAfterBytes - large.FragmentationAfterBytes);
    }

    /// <summary>What was used between the two.</summary>
    public static ProcessFigures operator -(ProcessFigures after, ProcessFigures before) =>
        new(after.ProcessorSeconds - before.ProcessorSeconds, after.AllocatedBytes - before.AllocatedBytes, after.LargeObjectBytes - before.LargeObjectBytes);
}
