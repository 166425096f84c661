namespace Adam.Client;

/// <summary>What is to be read.</summary>
public sealed record ReadOptions
{
    internal static readonly ReadOptions Default = new();

    /// <summary>The slots; at least one. Default: the weights.</summary>
    public IReadOnlyList<TensorSlot> Slots { get; init; } = [TensorSlot.Weights];

    /// <summary>Indices of the tensors. Null: all. Default: null.</summary>
    public IReadOnlyList<int>? Tensors { get; init; }

    /// <summary>
    /// The version that the caller has: if the session is not newer, <see cref="ReadResult.Unchanged"/> is true and no values come.
    /// Null: values come in any case. Default: null.
    /// </summary>
    public ulong? IfNewerThan { get; init; }

    /// <summary>
    /// Exactly this version, or <see cref="AdamException"/> with <see cref="AdamErrorReason.VersionEvicted"/>. Null: the present one.
    /// Default: null.
    /// </summary>
    public ulong? Version { get; init; }
}
