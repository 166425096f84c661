namespace Adam.Client.Internal;

/// <summary>Which tensors have which slots, as it follows from the settings.</summary>
internal static class SlotLayout
{
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
            TensorSlot.Accumulator => session.Optimizer.GradientAccumulationSteps is > 0,
            _ => true,
        };
    }
}
