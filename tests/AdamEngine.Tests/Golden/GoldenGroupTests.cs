using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;
using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Two recorded runs as two groups of one optimizer: each gives the bits that Keras gave for it alone.</summary>
public sealed class GoldenGroupTests
{
    // Runs that share nothing but what is one for all groups: the number of accumulation steps and the loss scale.
    private static readonly Lazy<IReadOnlyList<(string Name, GoldenCase Run)>> Runs = new(() =>
    [
        .. GoldenFiles.CaseNames.Select(name => (name, GoldenFiles.ReadCase(name))).Where(pair => pair.Item2 is
        {
            LossScale: null,
            LoadState: null,
            InitialIterations: null,
        }),
    ]);

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (var alike in Runs.Value.GroupBy(pair => (pair.Run.Config.GradientAccumulationSteps, pair.Run.Config.LossScaleFactor)))
            {
                (string Name, GoldenCase Run)[] members = [.. alike];
                for (int i = 0; i < members.Length; i++)
                {
                    // Each with its neighbour, so that every run is the first group once and the second group once.
                    pairs.Add(members[i].Name, members[(i + 1) % members.Length].Name);
                }
            }

            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Apply_TwoRunsAsTwoGroups_GivesTheBitsOfEach(string first, string second)
    {
        GoldenCase[] runs = [GoldenFiles.ReadCase(first), GoldenFiles.ReadCase(second)];
        using AdamOptimizer optimizer = Build(runs);

        for (int step = 0; step < runs.Max(run => run.Steps.Count); step++)
        {
            var gradients = new List<IReadOnlyList<(int Variable, float[] Values)>>();
            var overrides = new StepOverrides[runs.Length];
            for (int group = 0; group < runs.Length; group++)
            {
                if (step < runs[group].Steps.Count)
                {
                    GoldenStep golden = runs[group].Steps[step];
                    SetLearningRate(optimizer.Groups[group], golden);
                    overrides[group] = GoldenAdapter.Overrides(runs[group], golden).FirstOrDefault();
                    int offset = Offset(runs, group);
                    gradients.Add([.. GoldenAdapter.Gradients(golden).Select(pair => (pair.Variable + offset, pair.Values))]);
                }
            }

            optimizer.Step(Interleave(gradients), overrides);

            for (int group = 0; group < runs.Length; group++)
            {
                // A run that is over has no gradients any more: it stays where it was.
                AssertRun(optimizer, runs, group, Math.Min(step, runs[group].Steps.Count - 1), $"{runs[group].Description}, step {step}");
            }
        }
    }

    private static AdamOptimizer Build(GoldenCase[] runs)
    {
        var options = new OptimizerOptions { Groups = [.. runs.Select(run => GoldenAdapter.Options(run).Groups[0])] };
        var optimizer = new AdamOptimizer(
            options,
            [.. runs.SelectMany((run, group) => GoldenAdapter.Variables(run).Select(
                variable => variable with { Path = $"group{group}/{variable.Path}", Group = group }))],
            null,
            KernelWidths.Best);
        for (int group = 0; group < runs.Length; group++)
        {
            for (int i = 0; i < runs[group].Variables.Count; i++)
            {
                optimizer.Write(i + Offset(runs, group), AdamSlot.Weights, runs[group].Variables[i].Initial);
            }
        }

        return optimizer;
    }

    private static int Offset(GoldenCase[] runs, int group) => group == 0 ? 0 : runs[0].Variables.Count;

    private static void SetLearningRate(AdamGroup group, GoldenStep step)
    {
        if (step.SetLearningRate is { } value)
        {
            group.SetLearningRate(LearningRate.Constant(value));
        }
    }

    // In turns, the last group first: the order within a group stays, that of the groups does not matter.
    private static List<(int Variable, float[] Values)> Interleave(List<IReadOnlyList<(int Variable, float[] Values)>> groups)
    {
        var mixed = new List<(int Variable, float[] Values)>();
        for (int i = 0; i < groups.Max(group => group.Count); i++)
        {
            mixed.AddRange(groups.AsEnumerable().Reverse().Where(group => i < group.Count).Select(group => group[i]));
        }

        return mixed;
    }

    private static void AssertRun(AdamOptimizer optimizer, GoldenCase[] runs, int group, int step, string where)
    {
        GoldenExpectation expected = runs[group].Steps[step].Expected;
        Assert.Equal(expected.Iterations, optimizer.Groups[group].Iterations);
        foreach ((AdamSlot slot, IReadOnlyList<float[]>? values) in new[]
        {
            (AdamSlot.Weights, (IReadOnlyList<float[]>?)expected.Variables),
            (AdamSlot.FirstMoment, expected.FirstMoment),
            (AdamSlot.SecondMoment, expected.SecondMoment),
            (AdamSlot.MaxSecondMoment, expected.MaxSecondMoment),
            (AdamSlot.Average, expected.Average),
            (AdamSlot.Accumulator, expected.Accumulator),
        })
        {
            for (int i = 0; i < (values?.Count ?? 0); i++)
            {
                Bits.AssertSame(values![i], optimizer.Floats(i + Offset(runs, group), slot), $"{where}: {slot} of {i}");
            }
        }
    }
}
