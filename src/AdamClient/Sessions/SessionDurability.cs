namespace Adam.Client;

/// <summary>How much of a session survives a crash of the service. A <see cref="DurabilityTier"/> converts.</summary>
public sealed record SessionDurability
{
    /// <summary>The tier. Null: the service's default. Never null in what the service reports. Default: null.</summary>
    public DurabilityTier? Tier { get; init; }

    /// <summary>A snapshot after this many versions, 1 or more. Null: none for the number. Default: null.</summary>
    public ulong? SnapshotEverySteps { get; init; }

    /// <summary>A snapshot after this time if anything has changed, 1 second or more. Null: as the service is configured. Default: null.</summary>
    public TimeSpan? SnapshotEvery { get; init; }

    /// <summary>A tier with the service's own times for snapshots.</summary>
    /// <param name="tier">The tier.</param>
    public static SessionDurability FromDurabilityTier(DurabilityTier tier) => new() { Tier = tier };

    /// <summary>A tier with the service's own times for snapshots.</summary>
    /// <param name="tier">The tier.</param>
    public static implicit operator SessionDurability(DurabilityTier tier) => FromDurabilityTier(tier);
}
