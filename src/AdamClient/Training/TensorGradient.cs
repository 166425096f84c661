namespace Adam.Client;

/// <summary>The gradient of one tensor in a batch that does not have all of them.</summary>
/// <param name="TensorIndex">The index of the tensor.</param>
/// <param name="Values">All its elements, in any element type.</param>
public readonly record struct TensorGradient(int TensorIndex, ReadOnlyTensorMemory Values);
