namespace Adam.Engine.State;

/// <summary>Which slots a variable has, and which argument brings the optional ones.</summary>
internal static class SlotLayout
{
    public static readonly AdamSlot[] All = Enum.GetValues<AdamSlot>();

    public static bool Contains(AdamOptions options, AdamSlot slot) => slot switch
    {
        AdamSlot.Weights or AdamSlot.FirstMoment or AdamSlot.SecondMoment => true,
        AdamSlot.MaxSecondMoment => options.AmsGrad,
        AdamSlot.Average => options.UseEma,
        AdamSlot.Accumulator => options.AccumulationSteps != 0,
        _ => false,
    };

    public static bool Contains(OptimizerOptions options, VariableSpec variable, AdamSlot slot) =>
        slot == AdamSlot.Weights
        || (variable.Role == VariableRole.Trainable && Contains(options.Groups[variable.Group], slot))
        || (slot == AdamSlot.RowSteps && variable.RowUpdates == RowUpdates.Lazy);

    /// <summary>Elements of the array of a slot that the variable has.</summary>
    public static long ElementCount(VariableSpec variable, AdamSlot slot) => slot == AdamSlot.RowSteps ? variable.RowCount : variable.ElementCount;

    /// <summary>The type of the elements.</summary>
    public static TensorDType DType(VariableSpec variable, AdamSlot slot) => slot == AdamSlot.RowSteps ? TensorDType.Int32 : variable.DType;

    public static string Requirement(AdamSlot slot) => slot switch
    {
        AdamSlot.MaxSecondMoment => "it needs amsgrad=True",
        AdamSlot.Average => "it needs use_ema=True",
        AdamSlot.Accumulator => "it needs gradient_accumulation_steps of 2 or more",
        AdamSlot.RowSteps => "it needs lazy rows",
        AdamSlot.FirstMoment or AdamSlot.SecondMoment => "only trainable variables have moments",
        _ => "there is no such slot",
    };
}
