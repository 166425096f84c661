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
    /// How elements travel: rounded to the nearest by the service. <see cref="TensorDType.BFloat16"/> is widened to float32 here. Null: each
    /// tensor's own type. Default: null.
    /// </summary>
    public TensorDType? DType { get; init; }

    /// <summary>
    /// The version that the caller has: only what was written after it comes, tensor by tensor and slot by slot, and
    /// <see cref="ReadResult.Has"/> says what did. If that is nothing, <see cref="ReadResult.Unchanged"/> is true. Null: values come in any
    /// case. Default: null.
    /// </summary>
    public ulong? IfNewerThan { get; init; }

    /// <summary>
    /// Exactly this version, or <see cref="AdamException"/> with <see cref="AdamErrorReason.VersionEvicted"/>. Null: the present one.
    /// Default: null.
    /// </summary>
    public ulong? Version { get; init; }
}
