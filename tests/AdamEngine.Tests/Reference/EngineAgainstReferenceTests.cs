using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Drawn configurations, shapes and values: the reference and the engine agree in every bit of every array, with vectors of every width and
/// on any number of threads; and the engine's reports are the same for all of these.
/// </summary>
public sealed class EngineAgainstReferenceTests
{
    private const int DrawsPerBatch = 100;

    public static TheoryData<int> Batches => [.. Enumerable.Range(0, 20)];

    [Theory]
    [MemberData(nameof(Batches))]
    public void Apply_DrawnScenario_AgreesWithReference(int batch)
    {
        using var threads = new StepThreads(3);
        for (int draw = 0; draw < DrawsPerBatch; draw++)
        {
            Compare((ulong)(batch * DrawsPerBatch + draw), threads);
        }
    }

    private static void Compare(ulong seed, StepThreads threads)
    {
        var scenario = new RandomScenario(seed);
        var reference = new ReferenceAdam(
            scenario.Options,
            scenario.Weights,
            [.. scenario.Variables.Select(variable => !variable.ExcludedFromWeightDecay)]);
        AdamOptimizer[] engines =
        [
            .. Enum.GetValues<KernelWidth>().Select(width => Build(scenario, null, width)),
            Build(scenario, threads, KernelWidths.Best),
        ];
        int steps = scenario.StepCount;
        for (int step = 0; step < steps; step++)
        {
            IReadOnlyList<(int Variable, float[] Gradient)> gradients = scenario.DrawGradients();
            reference.Apply(gradients);
            StepReport[] reports = [.. engines.Select(engine => engine.Step(gradients))];
            for (int i = 0; i < engines.Length; i++)
            {
                string where = $"seed {seed}, step {step}, engine {i}, {scenario.Options}";
                AssertAgree(reference, engines[i], where);
                Assert.True(reports[0].Equals(reports[i]), $"{where}: {reports[0]} and {reports[i]}");
            }
        }

        Array.ForEach(engines, engine => engine.Dispose());
    }

    private static AdamOptimizer Build(RandomScenario scenario, StepThreads? threads, KernelWidth width)
    {
        var engine = new AdamOptimizer(OptimizerOptions.Of(scenario.Options), scenario.Variables, threads, width);
        for (int i = 0; i < scenario.Weights.Length; i++)
        {
            engine.Write(i, AdamSlot.Weights, scenario.Weights[i]);
        }

        return engine;
    }

    private static void AssertAgree(ReferenceAdam reference, AdamOptimizer engine, string where)
    {
        for (int i = 0; i < engine.Variables.Length; i++)
        {
            AssertSlot(reference.X[i], engine, i, AdamSlot.Weights, where);
            AssertSlot(reference.M[i], engine, i, AdamSlot.FirstMoment, where);
            AssertSlot(reference.V[i], engine, i, AdamSlot.SecondMoment, where);
            AssertSlot(reference.VHat[i], engine, i, AdamSlot.MaxSecondMoment, where);
            AssertSlot(reference.Average[i], engine, i, AdamSlot.Average, where);
            AssertSlot(reference.Sum[i], engine, i, AdamSlot.Accumulator, where);
        }
    }

    private static void AssertSlot(float[] expected, AdamOptimizer engine, int index, AdamSlot slot, string where)
    {
        if (engine.HasSlot(index, slot))
        {
            Bits.AssertSame(expected, engine.Floats(index, slot), $"{where}: {slot} of variable {index}");
        }
    }
}
