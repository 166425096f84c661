namespace Adam.Bench.ServiceBench.Parts;

/// <summary>The parts, in the order in which they are measured.</summary>
internal static class AllParts
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<IPart> List { get; } =
        [new Transports(), new Crowd(), new Garbage(), new Replies(), new Encodings(), new SparseRows(), new SharedMemory()];
}
