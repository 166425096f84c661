namespace Adam.Engine.State;

/// <summary>Which slots a configuration has, and which argument brings the optional ones.</summary>
internal static class SlotLayout
{
    public static bool Contains(AdamOptions options, AdamSlot slot) => slot switch
    {
        AdamSlot.Weights or AdamSlot.FirstMoment or AdamSlot.SecondMoment => true,
        AdamSlot.MaxSecondMoment => options.AmsGrad,
        AdamSlot.Average => options.UseEma,
        AdamSlot.Accumulator => options.AccumulationSteps != 0,
        _ => false,
    };

    public static int Count(AdamOptions options) => Enum.GetValues<AdamSlot>().Count(slot => Contains(options, slot));

    public static string Requirement(AdamSlot slot) => slot switch
    {
        AdamSlot.MaxSecondMoment => "it needs amsgrad=True",
        AdamSlot.Average => "it needs use_ema=True",
        AdamSlot.Accumulator => "it needs gradient_accumulation_steps of 2 or more",
        _ => "there is no such slot",
    };
}
