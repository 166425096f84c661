using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests;

public sealed class AdamOptimizerTests
{
    private static readonly VariableSpec[] Variables = [new("a", [2]), new("scalar", []), new("empty", [0, 3])];

    [Fact]
    public void Constructor_InvalidOptionsAndVariables_ListsEveryError()
    {
        var options = new AdamOptions { Name = "a/b", GradientAccumulationSteps = 1 };
        VariableSpec[] variables = [new("x", [-1]), new("h", [2]) { DType = TensorDType.BFloat16 }];

        var refusal = Assert.Throws<AdamOptionsException>(() => new AdamOptimizer(options, variables));

        Assert.Equal(
            ["gradient_accumulation_steps", "name", "variables[0].shape", "variables[1].dtype"],
            refusal.Errors.Select(error => error.Field));
        Assert.All(refusal.Errors, error => Assert.Contains(error.Message, refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Constructor_Null_Throws()
    {
        Assert.Throws<ArgumentNullException>(() => new AdamOptimizer((AdamOptions)null!, Variables));
        Assert.Throws<ArgumentNullException>(() => new AdamOptimizer(new AdamOptions(), null!));
    }

    [Fact]
    public void Constructor_ListChangedLater_KeepsItsVariables()
    {
        List<VariableSpec> variables = [.. Variables];
        var optimizer = new AdamOptimizer(new AdamOptions(), variables);

        variables.Clear();

        Assert.Equal(3, optimizer.Variables.Length);
    }

    [Fact]
    public void Slot_Shapes_HaveTheirElementCounts()
    {
        var optimizer = new AdamOptimizer(new AdamOptions(), Variables);

        Assert.Equal([2, 1, 0], Enumerable.Range(0, 3).Select(i => (int)optimizer.Slot(i, AdamSlot.FirstMoment).ElementCount));
    }

    [Theory]
    [InlineData(AdamSlot.MaxSecondMoment, "amsgrad")]
    [InlineData(AdamSlot.Average, "use_ema")]
    [InlineData(AdamSlot.Accumulator, "gradient_accumulation_steps")]
    [InlineData((AdamSlot)99, "no such slot")]
    public void Slot_NotInConfiguration_NamesTheArgument(AdamSlot slot, string expected)
    {
        var optimizer = new AdamOptimizer(new AdamOptions { GradientAccumulationSteps = 0 }, Variables);

        var refusal = Assert.Throws<InvalidOperationException>(() => optimizer.Slot(0, slot).ElementCount);

        Assert.False(optimizer.HasSlot(0, slot));
        Assert.Contains(expected, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Slot_NoSuchVariable_Throws(int index)
    {
        var optimizer = new AdamOptimizer(new AdamOptions(), Variables);

        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Slot(index, AdamSlot.Weights).ElementCount);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(AdamOptimizer.MaxIterations + 1)]
    public void SetIterations_OutOfRange_Throws(long iterations)
    {
        var optimizer = new AdamOptimizer(new AdamOptions(), Variables);

        Assert.Throws<ArgumentOutOfRangeException>(() => optimizer.Groups[0].SetIterations(iterations));
        Assert.Equal(0, optimizer.Groups[0].Iterations);
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData(0, 7)]
    [InlineData(3, 2)]
    public void EffectiveIterations_Accumulation_CountsUpdates(int? steps, long expected)
    {
        var optimizer = new AdamOptimizer(new AdamOptions { GradientAccumulationSteps = steps }, Variables);
        optimizer.Groups[0].SetIterations(7);

        Assert.Equal(expected, optimizer.Groups[0].EffectiveIterations);
    }

    [Fact]
    public void FinalizeVariableValues_WithoutEma_ChangesNothing()
    {
        var optimizer = new AdamOptimizer(new AdamOptions(), Variables);
        optimizer.Fill(0, AdamSlot.Weights, 2f);
        var before = new Snapshot(optimizer);

        optimizer.FinalizeVariableValues();

        before.AssertUnchanged(optimizer);
    }

    [Fact]
    public void FinalizeVariableValues_WithEma_TakesTheAverage()
    {
        var optimizer = new AdamOptimizer(new AdamOptions { UseEma = true }, Variables);
        optimizer.Fill(0, AdamSlot.Average, 3f);

        optimizer.FinalizeVariableValues();

        Assert.Equal([3f, 3f], optimizer.Floats(0, AdamSlot.Weights));
    }

    [Fact]
    public void Apply_NoVariables_HasNoGradientsToTake() =>
        Assert.Throws<GradientMismatchException>(() => new AdamOptimizer(new AdamOptions(), []).Step());

    [Fact]
    public void Apply_GradientBuffer_IsOnlyRead()
    {
        float[] values = [3, 4];
        using var set = new GradientSet([(0, TensorDType.Float32, values)]);
        var optimizer = new AdamOptimizer(new AdamOptions { ClipNorm = 1.0, LossScaleFactor = 2, GradientAccumulationSteps = 2 }, Variables);

        optimizer.Apply(set.Gradients);
        optimizer.Apply(set.Gradients);

        Assert.Equal(values, set.Gradients[0].Values.ToFloats());
    }

    [Fact]
    public void Apply_Disposed_Throws()
    {
        var optimizer = new AdamOptimizer(new AdamOptions(), Variables);
        optimizer.Dispose();

        Assert.Throws<ObjectDisposedException>(() => optimizer.Step((0, [1f, 2f])));
        Assert.Throws<ObjectDisposedException>(() => optimizer.Slot(0, AdamSlot.Weights).ElementCount);
    }
}
