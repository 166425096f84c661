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
        Assert.Equal(101 * perParameter, MemoryEstimate.Bytes(options, Variables));
    }

    [Fact]
    public void Bytes_Configuration_IsWhatTheOptimizerAllocates()
    {
        var options = new AdamOptions { AmsGrad = true, UseEma = true };
        var optimizer = new AdamOptimizer(options, Variables);

        long elements = Enum.GetValues<AdamSlot>()
            .Where(optimizer.HasSlot)
            .Sum(slot => Enumerable.Range(0, Variables.Length).Sum(i => (long)optimizer.Slot(i, slot).Length));

        Assert.Equal(elements * sizeof(float), MemoryEstimate.Bytes(options, Variables));
    }

    [Fact]
    public void Bytes_BeyondInt64_Throws() =>
        Assert.Throws<OverflowException>(() => MemoryEstimate.Bytes(new AdamOptions(), [new VariableSpec("huge", [long.MaxValue / 4])]));
}
