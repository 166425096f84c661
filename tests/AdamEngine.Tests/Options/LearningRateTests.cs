namespace Adam.Engine.Tests.Options;

public sealed class LearningRateTests
{
    private static readonly LearningRate Decay = LearningRate.Scheduled(new ExponentialDecay(0.5, 1, 0.5));

    [Fact]
    public void SetLearningRate_NumberOverNumber_Rounds()
    {
        AdamOptimizer optimizer = Build(LearningRate.Constant(0.1));

        optimizer.Groups[0].SetLearningRate(LearningRate.Constant(0.2));

        Assert.Equal(0.2f, optimizer.Groups[0].CurrentLearningRate);
        Assert.Equal(LearningRate.Constant(0.2), optimizer.Groups[0].Options.LearningRate);
    }

    [Fact]
    public void SetLearningRate_NumberOverSchedule_IsRefusedUnlessAskedFor()
    {
        AdamOptimizer optimizer = Build(Decay);

        Assert.Throws<LearningRateException>(() => optimizer.Groups[0].SetLearningRate(LearningRate.Constant(0.2)));
        Assert.Equal(Decay, optimizer.Groups[0].Options.LearningRate);

        optimizer.Groups[0].SetLearningRate(LearningRate.Constant(0.2), replaceSchedule: true);
        Assert.Equal(0.2f, optimizer.Groups[0].CurrentLearningRate);
    }

    [Fact]
    public void SetLearningRate_NumberOverSupplied_IsRefusedUnlessAskedFor()
    {
        AdamOptimizer optimizer = Build(LearningRate.Supplied);

        var refusal = Assert.Throws<LearningRateException>(() => optimizer.Groups[0].SetLearningRate(LearningRate.Constant(0.2)));
        Assert.Contains("comes with every step", refusal.Message, StringComparison.Ordinal);
        Assert.Null(optimizer.Groups[0].CurrentLearningRate);

        optimizer.Groups[0].SetLearningRate(LearningRate.Constant(0.2), replaceSchedule: true);
        Assert.Equal(0.2f, optimizer.Groups[0].CurrentLearningRate);
    }

    [Fact]
    public void SetLearningRate_Schedule_FollowsTheRawCounter()
    {
        AdamOptimizer optimizer = Build(LearningRate.Constant(0.1), accumulation: 4);
        optimizer.Groups[0].SetIterations(3);

        optimizer.Groups[0].SetLearningRate(Decay);

        Assert.Equal(0.0625f, optimizer.Groups[0].CurrentLearningRate);
    }

    [Fact]
    public void SetLearningRate_InvalidSchedule_IsRefusedAndKeepsTheOld()
    {
        AdamOptimizer optimizer = Build(LearningRate.Constant(0.1));

        var refusal = Assert.Throws<AdamOptionsException>(
            () => optimizer.Groups[0].SetLearningRate(LearningRate.Scheduled(new CosineDecay(0.1, 0))));

        Assert.Equal("learning_rate.decay_steps", Assert.Single(refusal.Errors).Field);
        Assert.Equal(0.1f, optimizer.Groups[0].CurrentLearningRate);
    }

    [Fact]
    public void SetLearningRate_Null_Throws() =>
        Assert.Throws<ArgumentNullException>(() => Build(Decay).Groups[0].SetLearningRate(null!));

    [Fact]
    public void Scheduled_Null_Throws() => Assert.Throws<ArgumentNullException>(() => LearningRate.Scheduled(null!));

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(1e300)]
    public void Constant_AnyNumber_IsAccepted(double value) =>
        Assert.Equal((float)value, Build(LearningRate.Constant(value)).Groups[0].CurrentLearningRate);

    private static AdamOptimizer Build(LearningRate rate, int? accumulation = null) =>
        new(new AdamOptions { LearningRate = rate, GradientAccumulationSteps = accumulation }, [new VariableSpec("a", [1])]);
}
