using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Gradients;

public sealed class GradientValidationTests
{
    private static readonly AdamOptions EverySlot = new()
    {
        AmsGrad = true,
        UseEma = true,
        GradientAccumulationSteps = 2,
        WeightDecay = 0.1,
        ClipNorm = 1.0,
        LossScaleFactor = 2.0,
    };

    [Fact]
    public void Apply_EmptyList_SaysKerasWordsAndChangesNothing()
    {
        GradientMismatch mismatch = Assert.Single(AssertRefused([]));

        Assert.Equal("No gradients provided for any variable.", mismatch.Message);
        Assert.Equal((-1, -1), (mismatch.Position, mismatch.VariableIndex));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2)]
    [InlineData(int.MaxValue)]
    public void Apply_IndexOutOfRange_IsRefused(int index)
    {
        GradientMismatch mismatch = Assert.Single(AssertRefused([(0, new float[6]), (index, new float[3])]));

        Assert.Equal((1, index), (mismatch.Position, mismatch.VariableIndex));
        Assert.Contains($"variable {index}, but the optimizer has 2 variables", mismatch.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_SameVariableTwice_IsRefused()
    {
        GradientMismatch mismatch = Assert.Single(AssertRefused([(1, new float[3]), (1, new float[3])]));

        Assert.Contains("'dense/bias'), and so is gradient 0", mismatch.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(7)]
    public void Apply_WrongLength_NamesTensorAndBothCounts(int length)
    {
        GradientMismatch mismatch = Assert.Single(AssertRefused([(0, new float[length])]));

        Assert.Equal($"Gradient 0 has {length} elements, but variable 0 ('dense/kernel', shape [2, 3]) has 6.", mismatch.Message);
    }

    [Fact]
    public void Apply_SeveralMismatches_ListsEveryOne()
    {
        IReadOnlyList<GradientMismatch> mismatches = AssertRefused(
        [
            (0, new float[5]),
            (9, new float[1]),
            (1, new float[3]),
            (1, new float[3]),
        ]);

        Assert.Equal([0, 1, 3], mismatches.Select(mismatch => mismatch.Position));
    }

    [Fact]
    public void Apply_AtIterationLimit_IsRefusedAndChangesNothing()
    {
        AdamOptimizer optimizer = BuildAfterOneStep();
        optimizer.Groups[0].SetIterations(AdamOptimizer.MaxIterations);
        var before = new Snapshot(optimizer);

        var refusal = Assert.Throws<IterationLimitException>(() => optimizer.Step([(0, new float[6])]));

        Assert.Contains("2147483647", refusal.Message, StringComparison.Ordinal);
        before.AssertUnchanged(optimizer);
    }

    [Fact]
    public void Apply_JustBelowIterationLimit_ReachesIt()
    {
        AdamOptimizer optimizer = BuildAfterOneStep();
        optimizer.Groups[0].SetIterations(AdamOptimizer.MaxIterations - 1);

        optimizer.Step([(0, new float[6])]);

        Assert.Equal(AdamOptimizer.MaxIterations, optimizer.Groups[0].Iterations);
    }

    private static IReadOnlyList<GradientMismatch> AssertRefused((int Variable, float[] Values)[] gradients)
    {
        AdamOptimizer optimizer = BuildAfterOneStep();
        var before = new Snapshot(optimizer);
        var refusal = Assert.Throws<GradientMismatchException>(() => optimizer.Step(gradients));

        before.AssertUnchanged(optimizer);
        Assert.Equal(string.Join('\n', refusal.Mismatches.Select(mismatch => mismatch.Message)), refusal.Message);
        return refusal.Mismatches;
    }

    private static AdamOptimizer BuildAfterOneStep()
    {
        var optimizer = new AdamOptimizer(EverySlot, [new VariableSpec("dense/kernel", [2, 3]), new VariableSpec("dense/bias", [3])]);
        optimizer.Fill(0, AdamSlot.Weights, 1.5f);
        optimizer.Step([(0, new float[] { 1, 2, 3, 4, 5, 6 }), (1, new float[] { 1, 2, 3 })]);
        return optimizer;
    }
}
