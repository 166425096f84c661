namespace Adam.Engine.Tests.Keras;

public sealed class KerasExportTests
{
    [Fact]
    public void Export_Defaults_IsKerasText() =>
        Assert.Equal(
            """{"module": "keras.optimizers", "class_name": "Adam", "config": {"name": "adam", "learning_rate": 0.0010000000474974513,"""
            + """ "weight_decay": null, "clipnorm": null, "global_clipnorm": null, "clipvalue": null, "use_ema": false, "ema_momentum": 0.99,"""
            + """ "ema_overwrite_frequency": null, "loss_scale_factor": null, "gradient_accumulation_steps": null, "beta_1": 0.9,"""
            + """ "beta_2": 0.999, "epsilon": 1e-07, "amsgrad": false}, "registered_name": null}""",
            KerasOptimizerJson.Export(new OptimizerOptions()));

    [Fact]
    public void Export_NotFinite_IsWrittenAsPythonDoes()
    {
        var options = new AdamOptions
        {
            LearningRate = LearningRate.Constant(double.NaN), WeightDecay = double.PositiveInfinity, Epsilon = double.NegativeInfinity,
        };

        string json = KerasOptimizerJson.Export(OptimizerOptions.Of(options));

        Assert.Contains("\"learning_rate\": NaN, \"weight_decay\": Infinity, ", json, StringComparison.Ordinal);
        Assert.Contains("\"epsilon\": -Infinity, ", json, StringComparison.Ordinal);
    }

    [Fact]
    public void Export_NameOutsideAscii_IsEscapedAsPythonDoes() =>
        Assert.Contains(
            """{"name": "\"\\\b\f\n\r\t\u0001\u007f\u00e9\ud834\udd1e'", """,
            KerasOptimizerJson.Export(OptimizerOptions.Of(new AdamOptions { Name = "\"\\\b\f\n\r\t\u0001\u007fé𝄞'" })),
            StringComparison.Ordinal);

    [Fact]
    public void Export_AdamW_IsAdamW() =>
        Assert.StartsWith(
            """{"module": "keras.optimizers", "class_name": "AdamW", "config": {"name": "adam_w", "learning_rate": """,
            KerasOptimizerJson.Export(OptimizerOptions.Of(AdamOptions.AdamW())),
            StringComparison.Ordinal);

    [Fact]
    public void Export_NoKerasForm_ListsEveryReason()
    {
        var options = new OptimizerOptions
        {
            Groups = [new AdamOptions(), new AdamOptions { LearningRate = LearningRate.Supplied }],
            NonFinitePolicy = NonFinitePolicy.Skip,
            ClipScope = Enum.GetValues<ClipScope>().Single(scope => scope != ClipScope.Group),
        };

        var refusal = Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Export(options));

        Assert.Equal(["groups", "non_finite_policy", "clip_scope", "groups[1].learning_rate"], refusal.Errors.Select(error => error.Field));
        Assert.False(KerasOptimizerJson.TryExport(options, out string? json));
        Assert.Null(json);
    }

    [Fact]
    public void Export_InvalidOptions_AreRefused()
    {
        OptimizerOptions options = OptimizerOptions.Of(AdamOptions.AdamW() with { WeightDecay = null });

        var refusal = Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Export(options));

        Assert.Equal("groups[0].weight_decay", Assert.Single(refusal.Errors).Field);
    }

    [Fact]
    public void Export_CallableThatIsNoJson_IsRefused()
    {
        OptimizerOptions options = OptimizerOptions.Of(new AdamOptions { LearningRate = new SuppliedLearningRate { KerasCallable = "{" } });

        Assert.False(KerasOptimizerJson.TryExport(options, out _));
    }

    [Fact]
    public void TryExport_PlainAdam_GivesTheSameText()
    {
        Assert.True(KerasOptimizerJson.TryExport(new OptimizerOptions(), out string? json));
        Assert.Equal(KerasOptimizerJson.Export(new OptimizerOptions()), json);
    }

    [Fact]
    public void Export_Null_Throws() => Assert.Throws<ArgumentNullException>(() => KerasOptimizerJson.Export(null!));
}
