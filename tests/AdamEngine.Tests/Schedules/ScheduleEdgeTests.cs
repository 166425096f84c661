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
