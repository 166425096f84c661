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
        var session = Define(new OptimizerOptions { Groups = [Everything] }, new VariableSpec("a", [1]) { RowUpdates = Engine.RowUpdates.Lazy });

        var slots = Enum.GetValues<Slot>().Where(slot => slot != Slot.Unspecified).Select(slot => SlotMapping.Check(slot, session, 0, "slot"));

        Assert.Equal(Enum.GetValues<AdamSlot>().Order(), slots.Order());
        Assert.Equal(AdamSlot.Weights, SlotMapping.Check(Slot.Unspecified, session, 0, "slot"));
    }

    [Theory]
    [InlineData(Slot.MaxSecondMoment, "amsgrad")]
    [InlineData(Slot.Average, "use_ema")]
    [InlineData(Slot.Accumulator, "gradient_accumulation_steps")]
    public void Check_SlotThatTheSettingsLack_NamesTheSettingAndTheTensor(Slot slot, string setting)
    {
        var session = Define(OptimizerOptions.Of(new AdamOptions { GradientAccumulationSteps = 0 }), new VariableSpec("a", [1]));

        var refusal = Assert.Throws<ServiceException>(() => SlotMapping.Check(slot, session, 0, "chunk.slot"));

        Assert.Equal(ErrorReason.InvalidField, refusal.Reason);
        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("'a'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TensorsWith_GroupsAndRoles_AreThoseThatHaveTheSlot()
    {
        var session = Define(
            new OptimizerOptions { Groups = [new AdamOptions { AmsGrad = true }, new AdamOptions()] },
            new VariableSpec("a", [1]),
            new VariableSpec("b", [1]) { Group = 1 },
            new VariableSpec("c", [1]) { Role = VariableRole.Frozen });

        Assert.Equal([0, 1, 2], SlotMapping.TensorsWith(Slot.Weights, session, "slots"));
        Assert.Equal([0, 1], SlotMapping.TensorsWith(Slot.FirstMoment, session, "slots"));
        Assert.Equal([0], SlotMapping.TensorsWith(Slot.MaxSecondMoment, session, "slots"));
        Assert.Throws<ServiceException>(() => SlotMapping.TensorsWith(Slot.Average, session, "slots"));
    }

    private static SessionDefinition Define(OptimizerOptions options, params VariableSpec[] tensors) => new()
    {
        SessionId = "s",
        Normalised = new CreateSessionRequest(),
        Options = options,
        Tensors = [.. tensors],
        Bounds = new SessionBounds(1, 1, null),
        StateBytes = 0,
        ChunkBytesMax = 1,
    };
}
