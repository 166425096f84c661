using System.Globalization;
using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Drawn optimizers with everything that there is: <see cref="ArrayAdam"/>, one for each group, and the engine with vectors of every width
/// agree in every bit. ADAM_PROPERTY_DRAWS sets how many are drawn (default 1,000, beside the 2,000 of
/// <see cref="EngineAgainstReferenceTests"/>); ADAM_PROPERTY_SEED draws one alone.
/// </summary>
public sealed class EngineAgainstArraysTests
{
    private const int Batches = 20;

    public static TheoryData<int> BatchNumbers => [.. Enumerable.Range(0, Batches)];

    [Theory]
    [MemberData(nameof(BatchNumbers))]
    public void Apply_DrawnOptimizer_AgreesWithWholeArrays(int batch)
    {
        if (Setting("ADAM_PROPERTY_SEED") is { } seed)
        {
            Compare((ulong)seed);
            return;
        }

        long draws = (Setting("ADAM_PROPERTY_DRAWS") ?? 1000) / Batches;
        for (long draw = 0; draw < draws; draw++)
        {
            Compare((ulong)((batch * draws) + draw));
        }
    }

    private static long? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private static void Compare(ulong seed)
    {
        var scenario = new WideScenario(seed);
        int[][] members =
        [
            .. Enumerable.Range(0, scenario.Options.Groups.Length).Select(group =>
                Enumerable.Range(0, scenario.Variables.Length)
                    .Where(i => scenario.Variables[i].Group == group && scenario.Variables[i].Role == VariableRole.Trainable).ToArray()),
        ];
        ArrayAdam[] expected =
        [
            .. members.Select((own, group) => new ArrayAdam(
                scenario.Options.Groups[group], [.. own.Select(i => scenario.Variables[i])], [.. own.Select(i => scenario.Weights[i])])),
        ];
        AdamOptimizer[] engines = [.. Enum.GetValues<KernelWidth>().Select(width => Build(scenario, width))];
        float? scale = scenario.Options.DynamicLossScale is { } dynamic ? (float)dynamic.InitialScale : null;
        int finite = 0;
        for (int step = 0; step < 5; step++)
        {
            var gradients = scenario.DrawGradients();
            if (gradients.Count == 0)
            {
                break;
            }

            StepOverrides[] overrides = scenario.DrawOverrides();
            NumpyArray[] read = [.. gradients.Select(gradient => Read(scenario.Variables[gradient.Variable], gradient.Values))];
            bool skips = (scale is not null || scenario.Options.NonFinitePolicy == NonFinitePolicy.Skip)
                && read.Any(gradient => gradient.Values.Any(value => !float.IsFinite(value)));
            for (int group = 0; group < expected.Length && !skips; group++)
            {
                (int, NumpyArray)[] own =
                [
                    .. gradients.Select((gradient, p) => (Array.IndexOf(members[group], gradient.Variable), read[p])).Where(pair => pair.Item1 >= 0),
                ];
                if (own.Length > 0)
                {
                    expected[group].Apply(own, scale, overrides[group].LearningRate);
                }
            }

            (scale, finite) = skips ? (scale * 0.5f, 0) : finite == 1 ? (scale * 2, 0) : (scale, finite + 1);
            using var set = new GradientSet(gradients);
            foreach (AdamOptimizer engine in engines)
            {
                StepReport report = engine.Apply(set.Gradients, overrides);
                string where = $"seed {seed}, step {step}, {scenario.Options}, {string.Join("; ", scenario.Options.Groups)}";
                Assert.True(skips == (report.Outcome == StepOutcome.Skipped), where);
                Assert.Equal(scale, engine.LossScale?.Scale);
                for (int group = 0; group < expected.Length; group++)
                {
                    AssertAgree(expected[group], engine, members[group], where);
                }
            }
        }

        Array.ForEach(engines, engine => engine.Dispose());
    }

    // What is stored, as an array of the type that Keras would have the gradient in.
    private static NumpyArray Read(VariableSpec variable, float[] values)
    {
        TensorDType type = variable.GradientDType ?? variable.DType;
        return new NumpyArray(type, values).Cast(type);
    }

    private static AdamOptimizer Build(WideScenario scenario, KernelWidth width)
    {
        var engine = new AdamOptimizer(scenario.Options, scenario.Variables, null, width);
        for (int i = 0; i < scenario.Weights.Length; i++)
        {
            engine.Write(i, AdamSlot.Weights, scenario.Weights[i]);
        }

        return engine;
    }

    private static void AssertAgree(ArrayAdam expected, AdamOptimizer engine, int[] members, string where)
    {
        for (int i = 0; i < members.Length; i++)
        {
            foreach ((AdamSlot slot, NumpyArray values) in new[]
            {
                (AdamSlot.Weights, expected.X[i]),
                (AdamSlot.FirstMoment, expected.M[i]),
                (AdamSlot.SecondMoment, expected.V[i]),
                (AdamSlot.MaxSecondMoment, expected.VHat[i]),
                (AdamSlot.Average, expected.Average[i]),
                (AdamSlot.Accumulator, expected.Sum[i]),
            })
            {
                if (engine.HasSlot(members[i], slot))
                {
                    Bits.AssertSame(values.Values, engine.Floats(members[i], slot), $"{where}: {slot} of {engine.Variables[members[i]]}");
                }
            }
        }
    }
}
