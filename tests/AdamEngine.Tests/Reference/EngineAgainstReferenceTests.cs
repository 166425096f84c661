using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>Drawn configurations, shapes and values: the engine and the reference agree in every bit of every array.</summary>
public sealed class EngineAgainstReferenceTests
{
    private const int DrawsPerBatch = 25;

    public static TheoryData<int> Batches => [.. Enumerable.Range(0, 16)];

    [Theory]
    [MemberData(nameof(Batches))]
    public void Apply_DrawnScenario_AgreesWithReference(int batch)
    {
        for (int draw = 0; draw < DrawsPerBatch; draw++)
        {
            Compare((ulong)(batch * DrawsPerBatch + draw));
        }
    }

    private static void Compare(ulong seed)
    {
        var scenario = new RandomScenario(seed);
        var reference = new ReferenceAdam(
            scenario.Options,
            scenario.Weights,
            [.. scenario.Variables.Select(variable => !variable.ExcludedFromWeightDecay)]);
        var engine = new AdamOptimizer(scenario.Options, scenario.Variables);
        for (int i = 0; i < scenario.Weights.Length; i++)
        {
            scenario.Weights[i].CopyTo(engine.Slot(i, AdamSlot.Weights));
        }

        int steps = scenario.StepCount;
        for (int step = 0; step < steps; step++)
        {
            IReadOnlyList<(int Variable, float[] Gradient)> gradients = scenario.DrawGradients();
            reference.Apply(gradients);
            engine.Apply([.. gradients.Select(pair => new Gradient(pair.Variable, pair.Gradient))]);
            AssertAgree(reference, engine, $"seed {seed}, step {step}, {scenario.Options}");
        }
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
        if (engine.HasSlot(slot))
        {
            Bits.AssertSame(expected, engine.Slot(index, slot), $"{where}: {slot} of variable {index}");
        }
    }
}
