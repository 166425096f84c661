namespace Adam.Bench.ServiceBench.Durability;

/// <summary>What is measured of durability.</summary>
internal enum DurabilityPart
{
    /// <summary>Everything.</summary>
    All,

    /// <summary><see cref="SmallSessions"/>.</summary>
    Small,

    /// <summary><see cref="LargeBatches"/>.</summary>
    Large,

    /// <summary><see cref="SnapshotPauses"/>.</summary>
    Snapshots,
}
