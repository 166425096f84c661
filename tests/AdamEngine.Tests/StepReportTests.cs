using Adam.Engine.Kernels;
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

    [Theory]
    [InlineData(3e30f, 4e30f)]
    [InlineData(3e-25f, 4e-25f)]
    [InlineData(3e-40f, 4e-40f)]
    [InlineData(0f, -0f)]
    public void Apply_SquaresBeyondFloat_ReportsTheNormOfASurveyAsWell(float first, float second)
    {
        double expected = Math.Sqrt(((double)first * first) + ((double)second * second));

        Assert.Equal(expected, Build(new AdamOptions()).Step([Pair(0, first, second)]).GradientNorm, 1e-6 * expected);
        Assert.Equal(expected, Build(new AdamOptions { GlobalClipNorm = 1 }).Step([Pair(0, first, second)]).GradientNorm, 1e-6 * expected);
        var reject = new OptimizerOptions { NonFinitePolicy = NonFinitePolicy.Reject };
        using var optimizer = new AdamOptimizer(reject, Variables);
        Assert.Equal(expected, optimizer.Step([Pair(0, first, second)]).GradientNorm, 1e-6 * expected);
    }

    [Fact]
    public void Apply_Float16GradientIsClipped_ReportsTheNormOfUnroundedSquares()
    {
        Half[] gradient = [.. Enumerable.Range(1, 3000).Select(i => (Half)(i * 0.00037f))];
        double expected = Math.Sqrt(gradient.Sum(value => (double)value * (double)value));
        using var optimizer = new AdamOptimizer(new AdamOptions { ClipNorm = 1e3 }, [new VariableSpec("w", [3000]) { DType = TensorDType.Float16 }]);
        using var buffer = TensorBuffer.Of(gradient);

        Assert.Equal(expected, optimizer.Apply([new Gradient(0, buffer.View)]).GradientNorm, 1e-6 * expected);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1023)]
    [InlineData(1025)]
    [InlineData(2047)]
    [InlineData(BlockMeasures.BlockLength)]
    [InlineData((3 * BlockMeasures.BlockLength) + 1039)]
    public void Apply_EveryWidthAndThreads_ReportTheSameBits(int length)
    {
        var random = new SeededRandom((ulong)length);
        float[] gradient = [.. Enumerable.Range(0, length).Select(_ => (float)random.Between(-1, 1))];
        double expected = Math.Sqrt(gradient.Sum(value => (double)value * value));
        OptimizerOptions[] configurations =
        [
            new(),
            new() { NonFinitePolicy = NonFinitePolicy.Skip },
            OptimizerOptions.Of(new AdamOptions { ClipNorm = 0.5 }),
            OptimizerOptions.Of(new AdamOptions { UseEma = true, EmaOverwriteFrequency = 1 }),
        ];
        using var threads = new StepThreads(2);
        foreach (OptimizerOptions options in configurations)
        {
            StepReport[] reports = [.. Enum.GetValues<KernelWidth>().SelectMany(width => new StepThreads?[] { null, threads }.Select(shared =>
            {
                using var optimizer = new AdamOptimizer(options, [new VariableSpec("w", [length])], shared, width);
                return optimizer.Step([Pair(0, gradient)]);
            }))];

            Assert.Single(reports.Select(report => (report.GradientNorm, report.UpdateNorm)).Distinct());
            Assert.Equal(expected, reports[0].GradientNorm, 1e-6 * expected);
            Assert.True(reports[0].UpdateNorm > 0);
        }
    }

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
