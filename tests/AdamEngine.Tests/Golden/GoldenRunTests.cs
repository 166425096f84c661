using Adam.Engine.Kernels;
using Adam.Engine.Step;
using Adam.Engine.Tests.Support;
using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Replays every recorded training run with vectors of every width, and compares every bit after every step.</summary>
public sealed class GoldenRunTests
{
    public static TheoryData<string> CaseNames => [.. GoldenFiles.CaseNames];

    [Fact]
    public void CaseNames_InOutputDirectory_AreThere() => Assert.Equal(76, GoldenFiles.CaseNames.Count);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Apply_GoldenRun_GivesKerasBits(string name)
    {
        GoldenCase run = GoldenFiles.ReadCase(name);
        foreach (KernelWidth width in Enum.GetValues<KernelWidth>())
        {
            using AdamOptimizer optimizer = GoldenAdapter.Build(run, width);
            Replay(run, optimizer, width);
        }
    }

    private static void Replay(GoldenCase run, AdamOptimizer optimizer, KernelWidth width)
    {
        for (int i = 0; i < run.Steps.Count; i++)
        {
            GoldenStep step = run.Steps[i];
            string where = $"{width}, step {i}";
            SetLearningRate(optimizer, run, step);
            AssertScalars(optimizer, run, step, where);

            StepReport report = optimizer.Step(GoldenAdapter.Gradients(step), GoldenAdapter.Overrides(run, step));

            AssertReport(step, report, where);
            AssertState(step.Expected, optimizer, where);
        }

        if (run.FinalizedVariables is { } finalized)
        {
            optimizer.FinalizeVariableValues();
            GoldenAdapter.AssertSlot(finalized, optimizer, AdamSlot.Weights, "finalized");
        }
    }

    private static void SetLearningRate(AdamOptimizer optimizer, GoldenCase run, GoldenStep step)
    {
        if (step.SetLearningRate is { } value)
        {
            optimizer.Groups[0].SetLearningRate(LearningRate.Constant(value));
        }

        if (run.LearningRateIsCallable)
        {
            Assert.Null(optimizer.Groups[0].CurrentLearningRate);
        }
        else
        {
            Bits.AssertSame(step.LearningRate, optimizer.Groups[0].CurrentLearningRate!.Value, "learning rate");
        }
    }

    private static void AssertScalars(AdamOptimizer optimizer, GoldenCase run, GoldenStep step, string where)
    {
        AdamGroup group = optimizer.Groups[0];
        double rate = run.LearningRateIsCallable ? step.LearningRateValue : step.LearningRate;
        var groupStep = new GroupStep(
            true, group.Iterations, group.Options.AccumulationSteps, rate, group.Options.Beta1, group.Options.Beta2);
        foreach ((string type, GoldenScalars expected) in step.Scalars)
        {
            StepScalars actual = StepScalars.Of(groupStep, group.Options.Epsilon, GoldenAdapter.Type(type));
            Bits.AssertSame(expected.Beta1Power, actual.Beta1Power, $"{where}: beta_1_power of {type}");
            Bits.AssertSame(expected.Beta2Power, actual.Beta2Power, $"{where}: beta_2_power of {type}");
            Bits.AssertSame(expected.LearningRate, actual.LearningRate, $"{where}: lr of {type}");
            Bits.AssertSame(expected.Alpha, actual.Alpha, $"{where}: alpha of {type}");
        }
    }

    private static void AssertReport(GoldenStep step, StepReport report, string where)
    {
        StepOutcome expected = step.IsSkipped ? StepOutcome.Skipped
            : step.Scalars.Count == 0 ? StepOutcome.Accumulated
            : StepOutcome.Applied;
        Assert.Equal(expected, report.Outcome);
        Bits.AssertSame(step.LearningRate, (float)report.LearningRate, $"{where}: reported learning rate");
    }

    private static void AssertState(GoldenExpectation expected, AdamOptimizer optimizer, string where)
    {
        Assert.Equal(expected.Iterations, optimizer.Groups[0].Iterations);
        Assert.Equal(expected.EffectiveIterations, optimizer.Groups[0].EffectiveIterations);
        Assert.Equal(expected.LossScale?.StepCounter, optimizer.LossScale?.StepCounter);
        Assert.Equal(expected.LossScale?.Scale, optimizer.LossScale?.Scale);
        GoldenAdapter.AssertSlot(expected.Variables, optimizer, AdamSlot.Weights, where);
        GoldenAdapter.AssertSlot(expected.FirstMoment, optimizer, AdamSlot.FirstMoment, where);
        GoldenAdapter.AssertSlot(expected.SecondMoment, optimizer, AdamSlot.SecondMoment, where);
        GoldenAdapter.AssertSlot(expected.MaxSecondMoment, optimizer, AdamSlot.MaxSecondMoment, where);
        GoldenAdapter.AssertSlot(expected.Average, optimizer, AdamSlot.Average, where);
        GoldenAdapter.AssertSlot(expected.Accumulator, optimizer, AdamSlot.Accumulator, where);
    }
}
