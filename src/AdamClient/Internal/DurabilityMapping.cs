using Google.Protobuf.WellKnownTypes;

namespace Adam.Client.Internal;

/// <summary>What survives a crash, to the wire and back.</summary>
internal static class DurabilityMapping
{
    /// <returns>Null if nothing is said.</returns>
    public static V1.Durability? ToWire(SessionDurability? durability)
    {
        if (durability is null)
        {
            return null;
        }

        var wire = new V1.Durability();
        Given.Set(durability.Tier, value => wire.Tier = ToWire(value));
        Given.Set(durability.SnapshotEverySteps, value => wire.SnapshotEverySteps = value);
        Given.Set(durability.SnapshotEvery, value => wire.SnapshotEvery = Duration.FromTimeSpan(value));
        return wire;
    }

    public static SessionDurability FromWire(V1.Durability? durability) => new()
    {
        Tier = FromWire(durability?.Tier ?? V1.DurabilityTier.Unspecified),
        SnapshotEverySteps = durability is { HasSnapshotEverySteps: true } ? durability.SnapshotEverySteps : null,
        SnapshotEvery = durability?.SnapshotEvery?.ToTimeSpan(),
    };

    public static SessionLineage? FromWire(V1.Lineage? lineage) =>
        lineage is null ? null : new SessionLineage(lineage.ParentUid.Memory, lineage.ParentVersion);

    private static V1.DurabilityTier ToWire(DurabilityTier tier) => tier switch
    {
        DurabilityTier.Memory => V1.DurabilityTier.Memory,
        DurabilityTier.Snapshot => V1.DurabilityTier.Snapshot,
        DurabilityTier.Log => V1.DurabilityTier.Log,
        _ => throw new ArgumentOutOfRangeException(nameof(tier), tier, "A session can be made in the tiers MEMORY, SNAPSHOT and LOG."),
    };

    private static DurabilityTier FromWire(V1.DurabilityTier tier) => tier switch
    {
        V1.DurabilityTier.Memory => DurabilityTier.Memory,
        V1.DurabilityTier.Snapshot => DurabilityTier.Snapshot,
        V1.DurabilityTier.Log => DurabilityTier.Log,
        _ => DurabilityTier.Unknown,
    };
}
