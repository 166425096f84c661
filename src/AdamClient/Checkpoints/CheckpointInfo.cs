namespace Adam.Client;

/// <summary>A state of a session that is kept on the service's disk until it is deleted.</summary>
public sealed record CheckpointInfo
{
    /// <summary>The id, unique in the session.</summary>
    public required string Id { get; init; }

    /// <summary>The session's version at the time.</summary>
    public required ulong Version { get; init; }

    /// <summary>Keras's raw counter of the first group at the time.</summary>
    public required long Iterations { get; init; }

    /// <summary>The size of its file in bytes.</summary>
    public required ulong SizeBytes { get; init; }

    /// <summary>When it was saved. Null: its file is damaged, and neither this nor <see cref="Version"/> can be said.</summary>
    public DateTimeOffset? CreateTime { get; init; }
}
