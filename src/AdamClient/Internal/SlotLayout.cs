namespace Adam.Client.Internal;

/// <summary>Which tensors have which slots, as it follows from the settings, and what those are.</summary>
internal static class SlotLayout
{
    /// <summary>The elements of a slot: those of the tensor, or one counter for each row.</summary>
    public static TensorSpec Of(TensorSpec tensor, TensorSlot slot) => slot == TensorSlot.RowSteps
        ? tensor with { Shape = [.. tensor.Shape.Take(1)], DType = TensorDType.Int32 }
        : tensor;

    public static bool Has(SessionInfo session, int tensor, TensorSlot slot)
    {
        if (slot == TensorSlot.Weights)
        {
            return true;
        }

        var spec = session.Tensors[tensor];
        var groups = session.Optimizer.Groups;
        var group = spec.Group < groups.Count ? groups[spec.Group] : new AdamSettings();
        return spec.Role == TensorRole.Trainable && slot switch
        {
            TensorSlot.MaxSecondMoment => group.AmsGrad == true,
            TensorSlot.Average => group.UseEma == true,
            TensorSlot.RowSteps => spec.RowUpdates == RowUpdates.Lazy,
            TensorSlot.Accumulator => session.Optimizer.GradientAccumulationSteps is > 0,
            _ => true,
        };
    }
}
