using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Steps;

/// <summary>What a step does to lazy rows beside their numbers, which are held against a reference elsewhere.</summary>
public sealed class LazyRowsTests
{
    private static readonly VariableSpec Embeddings = new("embedding/embeddings", [4, 3]) { RowUpdates = RowUpdates.Lazy };

    [Fact]
    public void Apply_SomeRows_LeavesTheOthersAsTheyAre()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions { UseEma = true, AmsGrad = true, WeightDecay = 0.1 }, [Embeddings]);
        foreach (AdamSlot slot in Enum.GetValues<AdamSlot>().Where(slot => slot != AdamSlot.RowSteps && optimizer.HasSlot(0, slot)))
        {
            optimizer.Fill(0, slot, 0.5f);
        }

        Apply(optimizer, [1, 3], 1, 2, 3, 4, 5, 6);

        foreach (AdamSlot slot in Enum.GetValues<AdamSlot>().Where(slot => slot != AdamSlot.RowSteps && optimizer.HasSlot(0, slot)))
        {
            float[] values = optimizer.Floats(0, slot);
            Assert.All(new[] { 0, 1, 2, 6, 7, 8 }, i => Assert.Equal(0.5f, values[i]));
            Assert.All(new[] { 3, 4, 5, 9, 10, 11 }, i => Assert.NotEqual(0.5f, values[i]));
        }

        Assert.Equal([0, 1, 0, 1], Steps(optimizer));
        Assert.Equal(1, optimizer.Groups[0].Iterations);
    }

    [Fact]
    public void Apply_DenseGradient_UpdatesEveryRow()
    {
        using AdamOptimizer optimizer = new(new AdamOptions(), [Embeddings]), plain = new(new AdamOptions(), [Embeddings with { RowUpdates = RowUpdates.Dense }]);
        float[] gradient = [.. Enumerable.Range(1, 12).Select(i => i / 7f)];

        optimizer.Step((0, gradient));
        plain.Step((0, gradient));

        Assert.Equal([1, 1, 1, 1], Steps(optimizer));
        Bits.AssertSame(plain.Floats(0, AdamSlot.Weights), optimizer.Floats(0, AdamSlot.Weights), "weights");
    }

    [Fact]
    public void Apply_LazyBesideDense_GivesTheDenseOneTheBitsThatItHasAlone()
    {
        var dense = new VariableSpec("dense/kernel", [70_000]);
        float[] gradient = [.. Enumerable.Range(0, 70_000).Select(i => (i % 113) - 50f)];
        using AdamOptimizer both = new(new AdamOptions(), [Embeddings, dense]), alone = new(new AdamOptions(), [dense]);

        both.Step((1, gradient));
        Apply(both, [0], 1, 2, 3);
        both.Step((1, gradient));
        alone.Step((0, gradient));
        alone.Groups[0].SetIterations(2);
        alone.Step((0, gradient));

        Bits.AssertSame(alone.Floats(0, AdamSlot.Weights), both.Floats(1, AdamSlot.Weights), "weights");
        Assert.Equal([1, 0, 0, 0], Steps(both));
    }

    [Fact]
    public void Apply_NothingListed_UpdatesNoRowAndCountsTheStep()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions { ClipNorm = 1 }, [Embeddings]);

        StepReport report = Apply(optimizer, []);

        Assert.Equal((StepOutcome.Applied, 0.0, 0.0), (report.Outcome, report.GradientNorm, report.UpdateNorm));
        Assert.Equal([0, 0, 0, 0], Steps(optimizer));
        Assert.Equal(1, optimizer.Groups[0].Iterations);
    }

    [Fact]
    public void Apply_AfterAListThatWasLonger_ReportsThePresentNorms()
    {
        VariableSpec wide = new("embedding/embeddings", [40, 5000]) { RowUpdates = RowUpdates.Lazy };
        using var optimizer = new AdamOptimizer(new AdamOptions { GlobalClipNorm = 1 }, [wide]);
        Apply(optimizer, [.. Enumerable.Range(0, 40).Select(row => (long)row)], [.. Enumerable.Repeat(1f, 200_000)]);

        StepReport report = Apply(optimizer, [7], [.. Enumerable.Repeat(2f, 5000)]);

        Assert.Equal(Math.Sqrt(4 * 5000), report.GradientNorm, 1e-3);
        Assert.InRange(report.UpdateNorm, 0, 0.1);
    }

    [Fact]
    public void Apply_RowAtTheLastCount_StaysThere()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions(), [Embeddings]);
        optimizer.Slot(0, AdamSlot.RowSteps).Span<int>()[2] = int.MaxValue;

        Apply(optimizer, [2], 1, 2, 3);

        Assert.Equal([0, 0, int.MaxValue, 0], Steps(optimizer));
        Assert.All(optimizer.Floats(0, AdamSlot.Weights), weight => Assert.True(float.IsFinite(weight)));
    }

    [Fact]
    public void Apply_RejectedRows_ChangesNothing()
    {
        var options = OptimizerOptions.Of(new AdamOptions()) with { NonFinitePolicy = NonFinitePolicy.Reject };
        using var optimizer = new AdamOptimizer(options, [Embeddings]);
        var before = new Snapshot(optimizer);

        Assert.Throws<NonFiniteGradientException>(() => Apply(optimizer, [0, 1], 1, 2, float.NaN, 4, 5, 6));

        before.AssertUnchanged(optimizer);
    }

    [Fact]
    public void FinalizeVariableValues_RowsWithoutAnAverage_KeepTheirWeights()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions { UseEma = true, EmaMomentum = 0.5 }, [Embeddings]);
        optimizer.Fill(0, AdamSlot.Weights, 2);
        Apply(optimizer, [1], 1, 2, 3);
        Apply(optimizer, [1], 3, 2, 1);
        float[] averages = optimizer.Floats(0, AdamSlot.Average);

        optimizer.FinalizeVariableValues();

        Bits.AssertSame([2, 2, 2, .. averages[3..6], 2, 2, 2, 2, 2, 2], optimizer.Floats(0, AdamSlot.Weights), "weights");
    }

    [Theory]
    [InlineData(new long[] { 1, 1 }, 6, "strictly ascending")]
    [InlineData(new long[] { 2, 1 }, 6, "strictly ascending")]
    [InlineData(new long[] { -1, 1 }, 6, "from 0 to 3")]
    [InlineData(new long[] { 1, 4 }, 6, "from 0 to 3")]
    [InlineData(new long[] { 1, 2 }, 5, "has 5 elements, but its 2 rows of 3 have 6")]
    public void Apply_ListThatDoesNotFit_SaysWhyAndChangesNothing(long[] ids, int count, string expected)
    {
        using var optimizer = new AdamOptimizer(new AdamOptions(), [Embeddings]);
        var before = new Snapshot(optimizer);

        var refused = Assert.Throws<GradientMismatchException>(() => Apply(optimizer, ids, new float[count]));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains("embedding/embeddings", refused.Message, StringComparison.Ordinal);
        before.AssertUnchanged(optimizer);
    }

    [Fact]
    public void Apply_RowsOfADenseVariable_AreRefused()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions(), [Embeddings with { RowUpdates = RowUpdates.Dense }]);

        var refused = Assert.Throws<GradientMismatchException>(() => Apply(optimizer, [1], 1, 2, 3));

        Assert.Contains("whose rows are not lazy", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_InSteadyState_AllocatesNothing()
    {
        VariableSpec large = new("embedding/embeddings", [5000, 16]) { RowUpdates = RowUpdates.Lazy, Constraint = new MaxNormConstraint(1, 1) };
        using var threads = new StepThreads(2);
        using var optimizer = new AdamOptimizer(
            new AdamOptions { GlobalClipNorm = 1, UseEma = true, EmaOverwriteFrequency = 2, WeightDecay = 0.1 }, [large], threads);
        using var set = new RowSet([large], [(0, TensorDType.Float32, Ids(3000), new float[48_000])], KernelWidths.Best);
        for (int step = 0; step < 3; step++)
        {
            optimizer.Apply(set.Gradients);
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < 20; step++)
        {
            optimizer.Apply(set.Gradients);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Bytes_OfLazyRows_HaveACountForEachRow()
    {
        VariableSpec[] lazy = [new("a", [1000, 16]) { RowUpdates = RowUpdates.Lazy }], dense = [new("a", [1000, 16])];
        var options = OptimizerOptions.Of(new AdamOptions());

        // 4,000 bytes, up to the next cache line.
        Assert.Equal(4032, MemoryEstimate.Bytes(options, lazy) - MemoryEstimate.Bytes(options, dense));
        using var optimizer = new AdamOptimizer(options, lazy);
        Assert.Equal((TensorDType.Int32, 1000L), (optimizer.Slot(0, AdamSlot.RowSteps).DType, optimizer.Slot(0, AdamSlot.RowSteps).ElementCount));
    }

    [Fact]
    public void Slot_RowStepsOfADenseVariable_SaysWhatWouldBringIt()
    {
        using var optimizer = new AdamOptimizer(new AdamOptions(), [new VariableSpec("a", [2])]);

        var missing = Assert.Throws<InvalidOperationException>(() => optimizer.Slot(0, AdamSlot.RowSteps));

        Assert.Contains("it needs lazy rows", missing.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, VariableSpec, int?> Refused => new()
    {
        { "is a scalar", new VariableSpec("a", []) { RowUpdates = RowUpdates.Lazy }, null },
        { "is not trainable", new VariableSpec("a", [2]) { RowUpdates = RowUpdates.Lazy, Role = VariableRole.Frozen }, null },
        { "MaxNorm along axis 0", new VariableSpec("a", [2, 3]) { RowUpdates = RowUpdates.Lazy, Constraint = new MaxNormConstraint(1, 0) }, null },
        { "MaxNorm along axis 0", new VariableSpec("a", [2, 3]) { RowUpdates = RowUpdates.Lazy, Constraint = new MaxNormConstraint(1, -2) }, null },
        { "lazy rows are at most", new VariableSpec("a", [1L << 31, 0]) { RowUpdates = RowUpdates.Lazy }, null },
        { "unknown row updates (7)", new VariableSpec("a", [2]) { RowUpdates = (RowUpdates)7 }, null },
        { "accumulated over 3 steps, but the variable 'a' has lazy rows", new VariableSpec("a", [2]) { RowUpdates = RowUpdates.Lazy }, 3 },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Constructor_WhatDoesNotGoTogether_SaysWhy(string expected, VariableSpec variable, int? accumulationSteps)
    {
        var refused = Assert.Throws<AdamOptionsException>(
            () => new AdamOptimizer(new AdamOptions { GradientAccumulationSteps = accumulationSteps }, [variable]));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
    }

    private static StepReport Apply(AdamOptimizer optimizer, long[] ids, params float[] values)
    {
        using var set = new RowSet([], [], KernelWidths.Best);
        using TensorBuffer buffer = TensorBuffer.Of(values);
        return optimizer.Apply([new Gradient(0, buffer.View) { Rows = set.Rows(ids) }]);
    }

    private static long[] Ids(int count) => [.. Enumerable.Range(0, count).Select(row => (long)row)];

    private static int[] Steps(AdamOptimizer optimizer) => optimizer.Slot(0, AdamSlot.RowSteps).Span<int>().ToArray();
}
