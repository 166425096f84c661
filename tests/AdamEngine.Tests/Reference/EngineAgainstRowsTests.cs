using System.Globalization;
using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// Drawn optimizers with lazy rows, lists with duplicates and every option that goes together with them: <see cref="RowsReference"/> and the engine with
/// vectors of every width and on several threads agree in every bit of every slot, and the engines in their reports. ADAM_PROPERTY_DRAWS
/// sets how many are drawn (default 300); ADAM_PROPERTY_SEED draws one alone.
/// </summary>
public sealed class EngineAgainstRowsTests
{
    private const int Batches = 12;

    public static TheoryData<int> BatchNumbers => [.. Enumerable.Range(0, Batches)];

    [Theory]
    [MemberData(nameof(BatchNumbers))]
    public void Apply_DrawnLists_AgreesWithRowsOfTheirOwn(int batch)
    {
        using var threads = new StepThreads(3);
        if (Setting("ADAM_PROPERTY_SEED") is { } seed)
        {
            Compare((ulong)seed, threads);
            return;
        }

        long draws = (Setting("ADAM_PROPERTY_DRAWS") ?? 300) / Batches;
        for (long draw = 0; draw < draws; draw++)
        {
            Compare((ulong)((batch * draws) + draw), threads);
        }
    }

    private static long? Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    private static void Compare(ulong seed, StepThreads threads)
    {
        var scenario = new RowsScenario(seed);
        AdamOptions options = scenario.Options.Groups[0];
        var expected = new RowsReference(options, scenario.Variables, scenario.Weights);
        (AdamOptimizer Engine, KernelWidth Width)[] engines =
        [
            .. Enum.GetValues<KernelWidth>().Select(width => (Build(scenario, null, width), width)),
            (Build(scenario, threads, KernelWidths.Best), KernelWidths.Best),
        ];
        float? scale = scenario.Options.DynamicLossScale is { } dynamic ? (float)dynamic.InitialScale : null;
        (int finite, long iterations) = (0, 0);
        for (int step = 0; step < 5; step++)
        {
            var lists = scenario.DrawGradients();
            if (lists.Count == 0)
            {
                continue;
            }

            (int Variable, int[] Ids, NumpyArray Values)[] sums =
            [
                .. lists.Select(list =>
                {
                    (int[] ids, NumpyArray values) = RowsReference.AddUp(scenario.Variables[list.Variable], list.Ids, list.Values);
                    return (list.Variable, ids, values);
                }),
            ];
            long notFinite = sums.Sum(gradient => gradient.Values.Values.LongCount(value => !float.IsFinite(value)));
            bool skips = notFinite > 0 && (scale is not null || scenario.Options.NonFinitePolicy == NonFinitePolicy.Skip);
            if (!skips)
            {
                expected.Apply(sums, scale, options.LearningRate.At(iterations++));
            }

            (scale, finite) = skips ? (scale * 0.5f, 0) : finite == 1 ? (scale * 2, 0) : (scale, finite + 1);
            StepReport? first = null;
            foreach ((AdamOptimizer engine, KernelWidth width) in engines)
            {
                using var set = new RowSet(scenario.Variables, lists, width);
                StepReport report = engine.Apply(set.Gradients);
                string where = $"seed {seed}, step {step}, {width}, {scenario.Options}, {options}";
                Assert.Equal(skips ? StepOutcome.Skipped : StepOutcome.Applied, report.Outcome);
                Assert.True(notFinite == report.NonFiniteCount, $"{where}: {report.NonFiniteCount} not finite, expected {notFinite}");
                Assert.Equal(iterations, engine.Groups[0].Iterations);
                AssertAgree(expected, engine, where);
                first ??= report;
                Assert.True(first.Equals(report), $"{where}: {first} and {report}");
            }
        }

        Array.ForEach(engines, engine => engine.Engine.Dispose());
    }

    private static AdamOptimizer Build(RowsScenario scenario, StepThreads? threads, KernelWidth width)
    {
        var engine = new AdamOptimizer(scenario.Options, scenario.Variables, threads, width);
        for (int i = 0; i < scenario.Weights.Length; i++)
        {
            engine.Write(i, AdamSlot.Weights, scenario.Weights[i]);
        }

        return engine;
    }

    private static void AssertAgree(RowsReference expected, AdamOptimizer engine, string where)
    {
        for (int i = 0; i < engine.Variables.Length; i++)
        {
            foreach ((AdamSlot slot, NumpyArray[] rows) in new[]
            {
                (AdamSlot.Weights, expected.Rows[i].X),
                (AdamSlot.FirstMoment, expected.Rows[i].M),
                (AdamSlot.SecondMoment, expected.Rows[i].V),
                (AdamSlot.MaxSecondMoment, expected.Rows[i].VHat),
                (AdamSlot.Average, expected.Rows[i].Average),
            })
            {
                if (engine.HasSlot(i, slot))
                {
                    Bits.AssertSame(
                        [.. rows.SelectMany(row => row.Values)], engine.Floats(i, slot), $"{where}: {slot} of {engine.Variables[i]}");
                }
            }

            if (engine.HasSlot(i, AdamSlot.RowSteps))
            {
                Assert.Equal(expected.Steps[i], engine.Slot(i, AdamSlot.RowSteps).Span<int>().ToArray());
            }
        }
    }
}
