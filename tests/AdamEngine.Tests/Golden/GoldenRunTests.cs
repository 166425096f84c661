using Adam.Engine.Step;
using Adam.Engine.Tests.Support;
using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Replays every recorded training run and compares every bit after every step.</summary>
public sealed class GoldenRunTests
{
    public static TheoryData<string> CaseNames => [.. GoldenFiles.CaseNames];

    [Fact]
    public void CaseNames_InOutputDirectory_AreThere() => Assert.True(GoldenFiles.CaseNames.Count >= 65);

    [Theory]
    [MemberData(nameof(CaseNames))]
    public void Apply_GoldenRun_GivesKerasBits(string name)
    {
        GoldenCase run = GoldenFiles.ReadCase(name);
        AdamOptimizer optimizer = GoldenAdapter.Build(run);

        for (int i = 0; i < run.Steps.Count; i++)
        {
            GoldenStep step = run.Steps[i];
            SetLearningRate(optimizer, run, step);
            AssertScalars(optimizer, step, $"step {i}");

            StepReport report = optimizer.Apply(GoldenAdapter.Gradients(step));

            AssertReport(step, report, $"step {i}");
            AssertState(step.Expected, optimizer, $"step {i}");
        }

        if (run.FinalizedVariables is { } finalized)
        {
            optimizer.FinalizeVariableValues();
            AssertSlot(finalized, optimizer, AdamSlot.Weights, "finalized");
        }
    }

    private static void SetLearningRate(AdamOptimizer optimizer, GoldenCase run, GoldenStep step)
    {
        double? rate = run.LearningRateIsCallable ? step.LearningRate : step.SetLearningRate;
        if (rate is { } value)
        {
            optimizer.SetLearningRate(LearningRate.Constant(value));
        }

        Bits.AssertSame(step.LearningRate, optimizer.CurrentLearningRate, "learning rate");
    }

    private static void AssertScalars(AdamOptimizer optimizer, GoldenStep step, string where)
    {
        if (step.Scalars is not { } expected)
        {
            return;
        }

        StepScalars actual = StepScalars.Of(optimizer.Options, optimizer.EffectiveIterations, optimizer.CurrentLearningRate);
        Assert.Equal(expected.LocalStep, optimizer.EffectiveIterations + 1);
        Bits.AssertSame(expected.Beta1Power, actual.Beta1Power, $"{where}: beta_1_power");
        Bits.AssertSame(expected.Beta2Power, actual.Beta2Power, $"{where}: beta_2_power");
        Bits.AssertSame(expected.LearningRate, actual.LearningRate, $"{where}: lr");
        Bits.AssertSame(expected.Alpha, actual.Alpha, $"{where}: alpha");
    }

    private static void AssertReport(GoldenStep step, StepReport report, string where)
    {
        Assert.Equal(step.Scalars is null ? StepOutcome.Accumulated : StepOutcome.Applied, report.Outcome);
        Assert.Equal(step.Expected.Iterations, report.Iterations);
        Assert.Equal(step.Expected.EffectiveIterations, report.EffectiveIterations);
        Bits.AssertSame(step.LearningRate, report.LearningRate, $"{where}: reported learning rate");
    }

    private static void AssertState(GoldenExpectation expected, AdamOptimizer optimizer, string where)
    {
        Assert.Equal(expected.Iterations, optimizer.Iterations);
        Assert.Equal(expected.EffectiveIterations, optimizer.EffectiveIterations);
        AssertSlot(expected.Variables, optimizer, AdamSlot.Weights, where);
        AssertSlot(expected.FirstMoment, optimizer, AdamSlot.FirstMoment, where);
        AssertSlot(expected.SecondMoment, optimizer, AdamSlot.SecondMoment, where);
        AssertSlot(expected.MaxSecondMoment, optimizer, AdamSlot.MaxSecondMoment, where);
        AssertSlot(expected.Average, optimizer, AdamSlot.Average, where);
        AssertSlot(expected.Accumulator, optimizer, AdamSlot.Accumulator, where);
    }

    private static void AssertSlot(IReadOnlyList<float[]>? expected, AdamOptimizer optimizer, AdamSlot slot, string where)
    {
        Assert.Equal(expected is not null, optimizer.HasSlot(slot));
        for (int i = 0; i < (expected?.Count ?? 0); i++)
        {
            Bits.AssertSame(expected![i], optimizer.Slot(i, slot), $"{where}: {slot} of {optimizer.Variables[i].Path}");
        }
    }
}
