using System.Collections.Immutable;

namespace Adam.Client;

/// <summary>What may be said about a write.</summary>
public sealed record WriteOptions
{
    internal static readonly WriteOptions Default = new();

    /// <summary>The version that the session must still have when the write is committed. Null: whatever it has. Default: null.</summary>
    public ulong? IfVersion { get; init; }

    /// <summary>Keras's raw counter of every group, 0 to 2^31 - 1, set together with the values. Null: it stays as it is. Default: null.</summary>
    public long? Iterations { get; init; }

    /// <summary>The same for single groups, by index; what is set here wins over <see cref="Iterations"/>. Default: none.</summary>
    public IReadOnlyDictionary<int, long> GroupIterations { get; init; } = ImmutableDictionary<int, long>.Empty;

    /// <summary>Where the dynamic loss scale stands, set together with the values. Null: it stays as it is. Default: null.</summary>
    public LossScaleStatus? LossScale { get; init; }
}
