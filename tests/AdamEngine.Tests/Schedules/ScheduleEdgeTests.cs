using Adam.Engine.Tests.Support;
using static Adam.Engine.Tests.Reference.Rounded;

namespace Adam.Engine.Tests.Schedules;

/// <summary>Properties of schedules that Keras has and a careful reader might take for mistakes.</summary>
public sealed class ScheduleEdgeTests
{
    [Fact]
    public void CosineDecayRestarts_LengthsShrink_IsNaNPastTheSeries() =>
        Assert.True(float.IsNaN(new CosineDecayRestarts(0.1, 10, TMul: 0.5).At(1000)));

    [Fact]
    public void PolynomialDecay_CycleAtStepZero_IsTheInitialRate() =>
        Assert.Equal(0.1f, new PolynomialDecay(0.1, 10, EndLearningRate: 0, Cycle: true).At(0));

    [Fact]
    public void PolynomialDecay_PastTheEnd_StaysThere() => Assert.Equal(0.01f, new PolynomialDecay(0.1, 10, 0.01).At(1_000_000));

    [Fact]
    public void CosineDecay_NegativeWarmup_IsAccepted() =>
        Assert.Empty(new CosineDecay(0.1, 5, WarmupTarget: 0.2, WarmupSteps: -1).Validate());

    /// <summary>
    /// The two cosine schedules take 1 - alpha differently: in double before rounding, and in float32. For most values of alpha,
    /// those of the recorded tables among them, that is the same number; for 0.0203 it is not.
    /// </summary>
    [Fact]
    public void CosineSchedules_RestOfAlpha_IsRoundedWhereKerasRoundsIt()
    {
        const double alpha = 0.0203;
        float roundedLast = (float)(1.0 - alpha);
        float roundedFirst = Subtract(1f, (float)alpha);
        Assert.NotEqual(roundedLast, roundedFirst);
        for (int step = 0; step < 50; step++)
        {
            float cosine = Multiply(0.5f, Add(1f, MathF.Cos(Multiply((float)Math.PI, Divide(step, 50f)))));
            Bits.AssertSame(Add(Multiply(roundedLast, cosine), (float)alpha), new CosineDecay(1.0, 50, alpha).At(step), $"step {step}");
            Bits.AssertSame(
                Add(Multiply(roundedFirst, cosine), (float)alpha),
                new CosineDecayRestarts(1.0, 50, TMul: 1.0, Alpha: alpha).At(step),
                $"restarts, step {step}");
        }
    }

    [Fact]
    public void Validate_NaNSteps_IsAccepted() => Assert.Empty(new ExponentialDecay(0.1, double.NaN, 0.5).Validate());

    [Fact]
    public void Names_Defaults_AreKeras() =>
        Assert.Equal(
            ["ExponentialDecay", "InverseTimeDecay", "PiecewiseConstant", "PolynomialDecay", "CosineDecay", "SGDRDecay"],
            [
                new ExponentialDecay(0.1, 1, 1).Name,
                new InverseTimeDecay(0.1, 1, 1).Name,
                new PiecewiseConstantDecay([1], [1, 2]).Name,
                new PolynomialDecay(0.1, 1).Name,
                new CosineDecay(0.1, 1).Name,
                new CosineDecayRestarts(0.1, 1).Name,
            ]);
}
