using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Threads;

/// <summary>Large steps on several threads: the same bits and reports, and nothing allocated.</summary>
public sealed class StepThreadsTests
{
    private static readonly AdamOptions Everything = new()
    {
        AmsGrad = true,
        UseEma = true,
        WeightDecay = 0.1,
        GlobalClipNorm = 0.5,
        GradientAccumulationSteps = 2,
        LossScaleFactor = 3,
    };

    private static readonly VariableSpec[] Variables = [new("a", [300_001]), new("b", [7]), new("c", [70_000]) { DType = TensorDType.Float16 }];

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Apply_SeveralThreads_GivesTheBitsAndReportsOfOne(int count)
    {
        using var threads = new StepThreads(count);
        using var alone = new AdamOptimizer(Everything, Variables);
        using var shared = new AdamOptimizer(Everything, Variables, threads);
        var gradients = Gradients();

        for (int step = 0; step < 6; step++)
        {
            Assert.Equal(alone.Step(gradients), shared.Step(gradients));
        }

        AssertSame(alone, shared);
    }

    [Fact]
    public async Task Apply_TwoOptimizersAtOnce_GiveTheirBits()
    {
        using var threads = new StepThreads(3);
        using var alone = new AdamOptimizer(Everything, Variables);
        using var one = new AdamOptimizer(Everything, Variables, threads);
        using var two = new AdamOptimizer(Everything, Variables, threads);
        var gradients = Gradients();

        await Task.WhenAll(Array.ConvertAll(new[] { alone, one, two }, optimizer => Task.Run(() =>
        {
            for (int step = 0; step < 20; step++)
            {
                optimizer.Step(gradients);
            }
        })));

        AssertSame(alone, one);
        AssertSame(alone, two);
    }

    [Fact]
    public void Apply_ThreadsThatHaveEnded_RunsOnTheCaller()
    {
        var threads = new StepThreads(2);
        using var alone = new AdamOptimizer(Everything, Variables);
        using var shared = new AdamOptimizer(Everything, Variables, threads);
        threads.Dispose();

        alone.Step(Gradients());
        shared.Step(Gradients());

        AssertSame(alone, shared);
    }

    [Fact]
    public void Constructor_NoThread_Throws() => Assert.Throws<ArgumentOutOfRangeException>(() => new StepThreads(0));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Apply_AfterTheFirstSteps_AllocatesNothing(int count)
    {
        using var threads = new StepThreads(count);
        OptimizerOptions[] configurations =
        [
            new OptimizerOptions(),
            OptimizerOptions.Of(Everything),
            new OptimizerOptions { Groups = [new AdamOptions { ClipNorm = 1 }], DynamicLossScale = new DynamicLossScale() },
        ];
        foreach (OptimizerOptions options in configurations)
        {
            using var optimizer = new AdamOptimizer(options, Variables, threads);
            using var set = new GradientSet(Gradients().Select(gradient => (gradient.Variable, Variables[gradient.Variable].DType, gradient.Values)));
            // What the runtime does for the first time (a first wait for the other thread, for example) allocates once; when that happens
            // depends on the scheduler. What a step allocates shows in every run of steps, however many there are.
            long allocated = AllocatedBySteps(optimizer, set, 4);
            for (int run = 0; run < 5 && (run == 0 || allocated > 0); run++)
            {
                allocated = AllocatedBySteps(optimizer, set, 50);
            }

            Assert.Equal(0, allocated);
        }
    }

    private static long AllocatedBySteps(AdamOptimizer optimizer, GradientSet set, int count)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int step = 0; step < count; step++)
        {
            optimizer.Apply(set.Gradients);
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static (int Variable, float[] Values)[] Gradients()
    {
        var random = new SeededRandom(5);
        return [.. Variables.Select((variable, index) =>
            (index, Enumerable.Range(0, (int)variable.ElementCount).Select(_ => (float)random.Between(-2, 2)).ToArray()))];
    }

    private static void AssertSame(AdamOptimizer expected, AdamOptimizer actual)
    {
        foreach (AdamSlot slot in Enum.GetValues<AdamSlot>().Where(slot => slot != AdamSlot.RowSteps))
        {
            for (int i = 0; i < Variables.Length; i++)
            {
                Bits.AssertSame(expected.Floats(i, slot), actual.Floats(i, slot), $"{slot} of {i}");
            }
        }
    }
}
