using static Adam.Engine.Tests.Keras.KerasFiles;

namespace Adam.Engine.Tests.Keras;

/// <summary>What goes in comes out, in both directions.</summary>
public sealed class KerasRoundTripTests
{
    public static TheoryData<string> Cases => [.. CaseNames];

    public static TheoryData<string> SavedFiles => [.. SavedNames];

    public static TheoryData<OptimizerOptions> TypedOptions =>
    [
        new OptimizerOptions(),
        OptimizerOptions.Of(AdamOptions.AdamW()),
        OptimizerOptions.Of(new AdamOptions
        {
            LearningRate = LearningRate.Constant(0.5),
            Beta1 = 0,
            Beta2 = double.NaN,
            Epsilon = double.NegativeInfinity,
            AmsGrad = true,
            WeightDecay = -0.0,
            ClipValue = 3,
            UseEma = true,
            EmaMomentum = 1,
            EmaOverwriteFrequency = 7,
            LossScaleFactor = 1e300,
            GradientAccumulationSteps = 5,
            Name = "\"quoted\"\\ \n\t\u0001\u007f é 𝄞",
        }),
        new OptimizerOptions { DynamicLossScale = new DynamicLossScale(0.1, -3, "scale") },
        Scheduled(new ExponentialDecay(0.1, 10, 3, true, "e")),
        Scheduled(new ExponentialDecay(0.1, 1e17, -0.0)),
        Scheduled(new InverseTimeDecay(1, 10.5, 0.5)),
        Scheduled(new PiecewiseConstantDecay([1, 2.5], [1, 2, double.PositiveInfinity], "p")),
        Scheduled(new PolynomialDecay(1, 10, 0.5, 2, true)),
        Scheduled(new CosineDecay(1, 10, 0.5, "c", 2, 3)),
        Scheduled(new CosineDecay(1, 10, WarmupSteps: 0.5)),
        Scheduled(new CosineDecayRestarts(1, 10, 3, 2, 1)),
    ];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Export_ImportedGoldenConfig_IsTheSameText(string name)
    {
        string json = OfCase(name);

        Assert.Equal(Compact(json), Compact(KerasOptimizerJson.Export(KerasOptimizerJson.Import(json))));
    }

    [Theory]
    [MemberData(nameof(SavedFiles))]
    public void Export_ImportedSavedConfig_IsTheSameText(string name)
    {
        string json = Saved(name);

        Assert.Equal(Compact(json), Compact(KerasOptimizerJson.Export(KerasOptimizerJson.Import(json))));
    }

    [Theory]
    [MemberData(nameof(TypedOptions))]
    public void Import_ExportedOptions_AreTheSameOptions(OptimizerOptions options)
    {
        OptimizerOptions imported = KerasOptimizerJson.Import(KerasOptimizerJson.Export(options));

        Assert.Equal(options with { Groups = [options.Groups[0] with { LearningRate = Rounded(options.Groups[0].LearningRate) }] }, imported);
    }

    [Theory]
    [InlineData("""{"learning_rate": 0.5, "weight_decay": 1, "clipnorm": 2, "ema_momentum": 1, "beta_1": 0, "beta_2": 1, "epsilon": 3}""")]
    [InlineData("""{"loss_scale_factor": 3, "global_clipnorm": -7}""")]
    public void Export_ImportedIntegers_AreIntegers(string config)
    {
        string exported = KerasOptimizerJson.Export(KerasOptimizerJson.Import(AdamOf(config)));

        foreach (string member in config.Trim('{', '}').Split(", "))
        {
            Assert.Contains(member + ",", exported, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("ExponentialDecay", """{"initial_learning_rate": 1, "decay_steps": 10.0, "decay_rate": 2, "staircase": false, "name": "a"}""")]
    [InlineData("PiecewiseConstantDecay", """{"boundaries": [1, 2.0, 3.5], "values": [0.5, 3, 2.0, 1], "name": "a"}""")]
    [InlineData("PolynomialDecay",
        """{"initial_learning_rate": 0.5, "decay_steps": 10, "end_learning_rate": 0, "power": 2, "cycle": true, "name": "a"}""")]
    [InlineData("CosineDecay",
        """{"initial_learning_rate": 0, "decay_steps": 10, "alpha": 0, "name": "a", "warmup_target": 1, "warmup_steps": 3.0}""")]
    [InlineData("CosineDecayRestarts",
        """{"initial_learning_rate": 0.5, "first_decay_steps": 10.0, "t_mul": 2, "m_mul": 1, "alpha": 0, "name": "a"}""")]
    public void Export_ImportedScheduleOfMixedTypes_KeepsThem(string className, string config)
    {
        string exported = KerasOptimizerJson.Export(KerasOptimizerJson.Import(AdamWithSchedule(className, config)));

        Assert.Contains(Serialized("keras.optimizers.schedules", className, config), exported, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"module": "builtins", "class_name": "function", "config": "my_rate", "registered_name": "function"}""")]
    [InlineData("""{"class_name": "__lambda__", "config": {"value": ["4wAAAAA\u00e9", null, [1, 2.50, true]]}}""")]
    public void Export_ImportedCallable_IsWrittenBack(string callable)
    {
        OptimizerOptions options = KerasOptimizerJson.Import(AdamOf($$"""{"learning_rate": {{callable}}}"""));

        Assert.Equal(LearningRate.Supplied, options.Groups[0].LearningRate);
        Assert.Contains(
            $"\"learning_rate\": {callable.Replace("2.50", "2.5", StringComparison.Ordinal)}, ",
            KerasOptimizerJson.Export(options),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Export_ImportedLossScaleOfUnusualTypes_KeepsThem()
    {
        string json = Serialized(
            "keras.optimizers",
            "LossScaleOptimizer",
            $$"""{"inner_optimizer": {{AdamOf("{}")}}, "initial_scale": 1024, "dynamic_growth_steps": 7.0}""");

        OptimizerOptions options = KerasOptimizerJson.Import(json);

        Assert.Equal(7, options.DynamicLossScale!.GrowthSteps);
        Assert.Contains("\"initial_scale\": 1024, \"dynamic_growth_steps\": 7.0}", KerasOptimizerJson.Export(options), StringComparison.Ordinal);
    }

    private static OptimizerOptions Scheduled(LearningRateSchedule schedule) =>
        OptimizerOptions.Of(new AdamOptions { LearningRate = LearningRate.Scheduled(schedule) });

    private static LearningRate Rounded(LearningRate rate) =>
        rate is ConstantLearningRate constant ? LearningRate.Constant((float)constant.Value) : rate;
}
