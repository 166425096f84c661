using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.Tests.Sessions;

public sealed class SlotMappingTests
{
    private static readonly AdamOptions Everything = new() { AmsGrad = true, UseEma = true, GradientAccumulationSteps = 2 };

    [Fact]
    public void Check_EverySlotOfTheContract_IsASlotOfTheEngine()
    {
        var slots = Enum.GetValues<Slot>().Where(slot => slot != Slot.Unspecified).Select(slot => SlotMapping.Check(slot, Everything, "slot"));

        Assert.Equal(Enum.GetValues<AdamSlot>().Order(), slots.Order());
        Assert.Equal(AdamSlot.Weights, SlotMapping.Check(Slot.Unspecified, new AdamOptions(), "slot"));
    }

    [Theory]
    [InlineData(Slot.MaxSecondMoment, "amsgrad")]
    [InlineData(Slot.Average, "use_ema")]
    [InlineData(Slot.Accumulator, "gradient_accumulation_steps")]
    public void Check_SlotThatTheSettingsLack_NamesTheSetting(Slot slot, string setting)
    {
        var refusal = Assert.Throws<ServiceException>(
            () => SlotMapping.Check(slot, new AdamOptions { GradientAccumulationSteps = 0 }, "chunk.slot"));

        Assert.Equal(ErrorReason.InvalidField, refusal.Reason);
        Assert.EndsWith($"created with {setting}.", refusal.Message, StringComparison.Ordinal);
    }
}
