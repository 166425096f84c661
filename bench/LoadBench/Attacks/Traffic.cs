namespace Adam.Bench.LoadBench.Attacks;

/// <summary>What clients have sent.</summary>
/// <param name="Connections">Connections that were opened.</param>
/// <param name="Streams">HEADERS frames.</param>
/// <param name="Frames">All frames.</param>
/// <param name="Bytes">All bytes.</param>
internal sealed record Traffic(long Connections, long Streams, long Frames, long Bytes)
{
    /// <summary>The share of each connection, rounded up.</summary>
    public Traffic PerConnection() => Connections == 0
        ? new Traffic(1, 1, 1, 1)
        : new Traffic(1, Share(Streams), Share(Frames), Share(Bytes));

    private long Share(long all) => Math.Max(1, (all + Connections - 1) / Connections);
}
