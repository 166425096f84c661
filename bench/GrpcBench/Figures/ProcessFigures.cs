namespace Adam.Bench.GrpcBench.Figures;

/// <summary>What a process has used since it started.</summary>
/// <param name="ProcessorSeconds">Processor time.</param>
/// <param name="AllocatedBytes">What it has allocated on the managed heap.</param>
/// <param name="LargeObjectBytes">What lies on the large-object heap, as the last collection saw it.</param>
internal readonly record struct ProcessFigures(double ProcessorSeconds, long AllocatedBytes, long LargeObjectBytes)
{
    private const int LargeObjectHeap = 3;

    /// <summary>Of this process.</summary>
    /// <param name="collected">
    /// The generation that is collected before, if any: the youngest leaves all large objects and counts them, the oldest those in use only.
    /// </param>
    public static ProcessFigures Take(int? collected)
    {
        if (collected is { } generation)
        {
            GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        }

        GCGenerationInfo large = GC.GetGCMemoryInfo(GCKind.Any).GenerationInfo[LargeObjectHeap];
        return new ProcessFigures(
            Environment.CpuUsage.TotalTime.TotalSeconds, GC.GetTotalAllocatedBytes(precise: true), large.SizeAfterBytes - large.FragmentationAfterBytes);
    }

    /// <summary>What was used between the two.</summary>
    public static ProcessFigures operator -(ProcessFigures after, ProcessFigures before) =>
        new(after.ProcessorSeconds - before.ProcessorSeconds, after.AllocatedBytes - before.AllocatedBytes, after.LargeObjectBytes - before.LargeObjectBytes);
}
