namespace Adam.Client;

/// <summary>Values for one slot of one tensor.</summary>
/// <param name="TensorIndex">The index of the tensor.</param>
/// <param name="Values">All its elements, in the type of the tensor; of <see cref="TensorSlot.RowSteps"/> one integer for each row.</param>
/// <param name="Slot">The slot that they replace.</param>
public readonly record struct TensorWrite(int TensorIndex, ReadOnlyTensorMemory Values, TensorSlot Slot = TensorSlot.Weights);
