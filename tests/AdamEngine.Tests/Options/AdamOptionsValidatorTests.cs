namespace Adam.Engine.Tests.Options;

/// <summary>What the recorded outcomes of Keras do not show: several errors at once, NaN, and where errors point.</summary>
public sealed class AdamOptionsValidatorTests
{
    [Fact]
    public void Validate_EverythingWrong_ListsEveryErrorInKerasOrder()
    {
        var options = new AdamOptions
        {
            GradientAccumulationSteps = -3,
            UseEma = true,
            EmaMomentum = 1.5,
            EmaOverwriteFrequency = -1,
            ClipNorm = 1e-7,
            GlobalClipNorm = double.PositiveInfinity,
            Name = "a/b",
            LearningRate = LearningRate.Scheduled(new CosineDecayRestarts(0.1, -2.5)),
        };

        IReadOnlyList<OptionError> errors = AdamOptionsValidator.Validate(options);

        Assert.Equal(
            [
                "gradient_accumulation_steps",
                "ema_momentum",
                "ema_overwrite_frequency",
                "global_clipnorm",
                "name",
                "learning_rate.first_decay_steps",
            ],
            errors.Select(error => error.Field));
        Assert.EndsWith("Received: clipnorm=1e-07, clipvalue=None, global_clipnorm=inf", errors[3].Message, StringComparison.Ordinal);
        Assert.EndsWith("Received: first_decay_steps=-2.5", errors[5].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_NaNMomentum_IsAccepted() =>
        Assert.Empty(AdamOptionsValidator.Validate(new AdamOptions { UseEma = true, EmaMomentum = double.NaN }));

    [Fact]
    public void Validate_Null_Throws() => Assert.Throws<ArgumentNullException>(() => AdamOptionsValidator.Validate(null!));

    [Fact]
    public void Validate_NoName_IsRefused() =>
        Assert.EndsWith(
            "Received: name=None",
            Assert.Single(AdamOptionsValidator.Validate(new AdamOptions { Name = null! })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void AdamW_Defaults_AreKeras() => Assert.Equal((0.004, "adam_w"), (AdamOptions.AdamW().WeightDecay, AdamOptions.AdamW().Name));
}
