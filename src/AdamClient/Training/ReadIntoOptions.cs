namespace Adam.Client;

/// <summary>What is to be read into buffers of the caller.</summary>
public sealed record ReadIntoOptions
{
    /// <summary>The slot. Default: the weights.</summary>
    public TensorSlot Slot { get; init; } = TensorSlot.Weights;

    /// <summary>
    /// How elements travel: rounded to the nearest by the service. Buffers are of this type, or of float32, which holds every value exactly. Null: each tensor's own
    /// type, which is that of its buffer then. <see cref="TensorSlot.RowSteps"/> always come as integers. Default: null.
    /// </summary>
    public TensorDType? DType { get; init; }

    /// <summary>
    /// The version that the buffers have: only tensors come that were written after it, and the buffers of the others stay as they are.
    /// <see cref="TensorVersion.ReceivedTensors"/> says which came. Null: all. Default: null.
    /// </summary>
    public ulong? IfNewerThan { get; init; }
}
