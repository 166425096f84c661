namespace Adam.Client;

/// <summary>How a session is forked.</summary>
public sealed record ForkOptions
{
    /// <summary>
    /// The raw iterations of the parent's first group from which the child goes on, 0 to 2^31 - 1. They must be retained: a snapshot and, in tier
    /// <see cref="DurabilityTier.Log"/>, the log from it on. Null: the present state. Default: null.
    /// </summary>
    public long? AtIterations { get; init; }

    /// <summary>What of the child survives a crash. Null: as the parent. Default: null.</summary>
    public SessionDurability? Durability { get; init; }

    /// <summary>Labels of the child: at most 64, keys of 1 to 63 bytes, values of up to 255. Null or empty: the parent's. Default: null.</summary>
    public IReadOnlyDictionary<string, string>? Labels { get; init; }
}
