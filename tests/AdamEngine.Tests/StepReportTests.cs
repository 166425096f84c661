using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests;

public sealed class StepReportTests
{
    private static readonly VariableSpec[] Variables = [new("a", [2]), new("b", [2]), new("c", [1])];

    [Fact]
    public void Apply_FiniteGradients_ReportsGlobalNorm()
    {
        StepReport report = Build(new AdamOptions()).Step([Pair(1, 3, 0), Pair(0, 0, 4)]);

        Assert.Equal(5.0, report.GradientNorm);
        Assert.Equal((0, null), (report.NonFiniteCount, report.FirstNonFiniteVariable));
        Assert.Equal(StepOutcome.Applied, report.Outcome);
    }

    [Fact]
    public void Apply_ClippingOn_ReportsNormBeforeClipping() =>
        Assert.Equal(5.0, Build(new AdamOptions { GlobalClipNorm = 0.1 }).Step([Pair(0, 3, 4)]).GradientNorm);

    [Fact]
    public void Apply_LossScale_ReportsNormAfterUnscaling() =>
        Assert.Equal(5.0, Build(new AdamOptions { LossScaleFactor = 2 }).Step([Pair(0, 6, 8)]).GradientNorm);

    [Fact]
    public void Apply_Accumulation_ReportsWhatWasAddedThenTheMean()
    {
        AdamOptimizer optimizer = Build(new AdamOptions { GradientAccumulationSteps = 2 });

        StepReport added = optimizer.Step([Pair(0, 3, 4)]);
        StepReport mean = optimizer.Step([Pair(0, 9, 12)]);

        Assert.Equal(StepOutcome.Accumulated, added.Outcome);
        Assert.Equal(5.0, added.GradientNorm);
        Assert.Equal(StepOutcome.Applied, mean.Outcome);
        Assert.Equal(10.0, mean.GradientNorm);
    }

    [Fact]
    public void Apply_SquaresBeyondFloat_ReportsFiniteNorm() =>
        Assert.Equal(5.0, Build(new AdamOptions()).Step([Pair(0, 3e30f, 4e30f)]).GradientNorm / 1e30, 1e-6);

    [Fact]
    public void Apply_NonFiniteGradients_CountsThemAndNamesTheFirstInTheList()
    {
        StepReport report = Build(new AdamOptions()).Step(
            [Pair(2, 1), Pair(1, float.NaN, float.NegativeInfinity), Pair(0, float.PositiveInfinity, 1)]);

        Assert.Equal((3, 1), (report.NonFiniteCount, report.FirstNonFiniteVariable));
        Assert.True(double.IsNaN(report.GradientNorm));
    }

    [Fact]
    public void Apply_UnscalingOverflows_CountsOnlyWhatCameIn()
    {
        StepReport report = Build(new AdamOptions { LossScaleFactor = 1e-10 }).Step([Pair(0, 1e38f, 1)]);

        Assert.Equal(0, report.NonFiniteCount);
        Assert.Equal(double.PositiveInfinity, report.GradientNorm);
    }

    [Fact]
    public void Apply_Schedule_ReportsRateBeforeTheCall()
    {
        var schedule = new PiecewiseConstantDecay([0], [0.5, 0.25]);
        AdamOptimizer optimizer = Build(new AdamOptions { LearningRate = LearningRate.Scheduled(schedule) });

        Assert.Equal([0.5f, 0.25f], new[] { Pair(0, 1, 1), Pair(0, 1, 1) }.Select(g => (float)optimizer.Step([g]).LearningRate));
    }

    private static AdamOptimizer Build(AdamOptions options) => new(options, Variables);

    private static (int Variable, float[] Values) Pair(int variable, params float[] values) => (variable, values);
}
