namespace Adam.Engine.Tests.State;

public sealed class MemoryEstimateTests
{
    private static readonly VariableSpec[] Variables = [new("a", [10, 10]), new("b", []), new("c", [0])];

    [Theory]
    [InlineData(false, false, null, 12)]
    [InlineData(true, false, 0, 16)]
    [InlineData(false, true, null, 16)]
    [InlineData(false, false, 2, 16)]
    [InlineData(true, true, 2, 24)]
    public void Bytes_Configuration_CountsItsSlots(bool amsGrad, bool useEma, int? accumulation, long perParameter)
    {
        var options = new AdamOptions { AmsGrad = amsGrad, UseEma = useEma, GradientAccumulationSteps = accumulation };

        Assert.Equal(perParameter, MemoryEstimate.BytesPerParameter(options));

        // 100 elements and 1 element, each array rounded up to whole cache lines.
        Assert.Equal((448 + 64) * (perParameter / 4), MemoryEstimate.Bytes(OptimizerOptions.Of(options), Variables));
    }

    [Fact]
    public void Bytes_Float16FrozenAndGroups_CountWhatEachHas()
    {
        var options = new OptimizerOptions { Groups = [new AdamOptions(), new AdamOptions { AmsGrad = true }] };
        VariableSpec[] variables =
        [
            new("a", [64]) { DType = TensorDType.Float16 },
            new("b", [64]) { Group = 1 },
            new("c", [64]) { Role = VariableRole.Frozen },
            new("d", [64]) { Role = VariableRole.Buffer, DType = TensorDType.Float16 },
        ];

        Assert.Equal(3 * 128 + 4 * 256 + 256 + 128, MemoryEstimate.Bytes(options, variables));
    }

    [Fact]
    public unsafe void Slots_OfAnOptimizer_AreAlignedAndFillWhatWasEstimated()
    {
        var options = OptimizerOptions.Of(new AdamOptions { AmsGrad = true, UseEma = true });
        using var optimizer = new AdamOptimizer(options, Variables);

        nint[] addresses =
        [
            .. from slot in Enum.GetValues<AdamSlot>()
               from i in Enumerable.Range(0, Variables.Length)
               where optimizer.HasSlot(i, slot)
               select (nint)optimizer.Slot(i, slot).Address,
        ];

        Assert.All(addresses, address => Assert.Equal(0, address % 64));
        Assert.Equal(MemoryEstimate.Bytes(options, Variables), addresses.Max() - addresses.Min());
    }

    [Fact]
    public void ConstraintBytes_MaxNorm_CountsTheLinesThatLieSideBySide()
    {
        VariableSpec[] variables =
        [
            new("columns", [3, 5, 7]) { Constraint = new MaxNormConstraint(2, 1) },
            new("last axis", [3, 5]) { Constraint = new MaxNormConstraint(2, -1) },
            new("first axis", [3, 5]) { Constraint = new MaxNormConstraint(2, -2) },
            new("empty", [0, 5]) { Constraint = new MaxNormConstraint(2, 0) },
            new("other", [3, 5]) { Constraint = new NonNegConstraint() },
            new("none", [3, 5]),
        ];

        Assert.Equal(4 * (7 + 5), MemoryEstimate.ConstraintBytes(variables));
    }

    [Fact]
    public unsafe void Slots_OfPages_BeginAtDifferentPlacesOfAPage()
    {
        VariableSpec[] variables = [new("a", [65_536])];
        var options = OptimizerOptions.Of(new AdamOptions { AmsGrad = true, UseEma = true, GradientAccumulationSteps = 2 });
        using var optimizer = new AdamOptimizer(options, variables);

        nint[] places = [.. Enum.GetValues<AdamSlot>().Where(slot => optimizer.HasSlot(0, slot)).Select(slot => (nint)optimizer.Slot(0, slot).Address % 4096 / 64).Order()];

        // At least five cache lines apart, also from the last of a page to the first.
        Assert.Equal(6, places.Length);
        Assert.All(places.Zip(places.Skip(1)), pair => Assert.InRange(pair.Second - pair.First, 5, 63));
        Assert.InRange(places[0] + 64 - places[^1], 5, 63);
        Assert.InRange(MemoryEstimate.Bytes(options, variables), 6 * 262_144, (6 * 262_144) + (6 * 4096));
        long end = (nint)optimizer.Slot(0, AdamSlot.Accumulator).Address + 262_144;
        Assert.Equal(MemoryEstimate.Bytes(options, variables), end - (nint)optimizer.Slot(0, AdamSlot.Weights).Address + (5 * 64));
    }

    [Fact]
    public void Bytes_BeyondInt64_Throws() => Assert.Throws<OverflowException>(
        () => MemoryEstimate.Bytes(OptimizerOptions.Of(new AdamOptions()), [new VariableSpec("huge", [long.MaxValue / 4])]));
}
