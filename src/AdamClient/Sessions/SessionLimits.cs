namespace Adam.Client;

/// <summary>Bounds of a session. What is more than the service allows is refused with <see cref="LimitExceededException"/>.</summary>
public sealed record SessionLimits
{
    /// <summary>The most workers that may ever train it, at least 1. Null: the service's bound. Default: null.</summary>
    public int? WorkersMax { get; init; }

    /// <summary>The most calls and batches that wait for it before callers are held back, at least 1. Null: the service's bound. Default: null.</summary>
    public int? QueuedBatchesMax { get; init; }

    /// <summary>
    /// Ended after this time without use, 1 millisecond or more; it does not run while a session is open for training, read or written. Null: the
    /// service's time, which may be for ever. Default: null.
    /// </summary>
    public TimeSpan? IdleTimeout { get; init; }
}
