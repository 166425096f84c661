namespace Adam.Client;

/// <summary>The gradient of one tensor in a batch that does not have all of them.</summary>
/// <param name="TensorIndex">The index of the tensor.</param>
/// <param name="Values">All its elements, row-major.</param>
public readonly record struct TensorGradient(int TensorIndex, ReadOnlyMemory<float> Values);
