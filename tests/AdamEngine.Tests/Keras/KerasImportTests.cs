using static Adam.Engine.Tests.Keras.KerasFiles;

namespace Adam.Engine.Tests.Keras;

public sealed class KerasImportTests
{
    [Fact]
    public void Import_EmptyConfig_HasKerasDefaults() => Assert.Equal(new OptimizerOptions(), KerasOptimizerJson.Import(AdamOf("{}")));

    [Theory]
    [InlineData("""{"class_name": "adamw"}""")]
    [InlineData("""{"class_name": "ADAMW", "config": null, "module": "keras.src.optimizers.adamw", "registered_name": "AdamW"}""")]
    [InlineData("""{"class_name": "AdamW", "config": {}, "module": "builtins", "build_config": {"a": [1]}}""")]
    [InlineData("""{"class_name": "AdamW", "config": {"name": null, "decay": 0.5}, "module": "tf_keras.optimizers"}""")]
    public void Import_AdamWSpellings_AreAdamW(string json) =>
        Assert.Equal(OptimizerOptions.Of(AdamOptions.AdamW()), KerasOptimizerJson.Import(json));

    [Fact]
    public void Import_TruthValues_ActAsNumbers()
    {
        AdamOptions options = KerasOptimizerJson.Import(AdamOf("""{"weight_decay": true, "beta_1": false, "amsgrad": 1, "use_ema": null}""")).Groups[0];

        Assert.Equal((1.0, 0.0, true, false), (options.WeightDecay, options.Beta1, options.AmsGrad, options.UseEma));
    }

    [Fact]
    public void Import_OffValues_AreKept()
    {
        AdamOptions options = KerasOptimizerJson.Import(
            AdamOf("""{"gradient_accumulation_steps": 0, "ema_overwrite_frequency": -1, "clipnorm": 0.0, "ema_momentum": 1.5}""")).Groups[0];

        Assert.Equal((0, -1, 0.0, 1.5), (options.GradientAccumulationSteps, options.EmaOverwriteFrequency, options.ClipNorm, options.EmaMomentum));
    }

    [Fact]
    public void Import_InnerLossScaleFactor_IsDroppedAsKerasDoes()
    {
        string json = Serialized(
            "keras.optimizers", "LossScaleOptimizer", $$"""{"inner_optimizer": {{AdamOf("""{"loss_scale_factor": 3}""")}}, "dynamic": true, "use_ema": 0}""");

        OptimizerOptions options = KerasOptimizerJson.Import(json);

        Assert.Equal(new OptimizerOptions { DynamicLossScale = new DynamicLossScale() }, options);
    }

    [Theory]
    [InlineData("config.learning_rate", """{"learning_rate": 1}""")]
    [InlineData("config.learning_rate", """{"learning_rate": -0}""")]
    [InlineData("config.learning_rate", """{"learning_rate": [0.1]}""")]
    [InlineData("config.beta_1", """{"beta_1": null}""")]
    [InlineData("config.epsilon", """{"epsilon": "1e-7"}""")]
    [InlineData("config.beta_2", """{"beta_2": 9007199254740993}""")]
    [InlineData("config.amsgrad", """{"amsgrad": "false"}""")]
    [InlineData("config.lr", """{"lr": 0.1, "foo": 2}""")]
    [InlineData("config.gradient_accumulation_steps", """{"gradient_accumulation_steps": 1.5}""")]
    [InlineData("config.gradient_accumulation_steps", """{"gradient_accumulation_steps": NaN}""")]
    [InlineData("config.gradient_accumulation_steps", """{"gradient_accumulation_steps": 2147483648}""")]
    [InlineData("config.gradient_accumulation_steps", """{"gradient_accumulation_steps": "2"}""")]
    [InlineData("config.ema_overwrite_frequency", """{"ema_overwrite_frequency": 2.5}""")]
    [InlineData("config.ema_overwrite_frequency", """{"ema_overwrite_frequency": 2147483648}""")]
    [InlineData("config.learning_rate.registered_name",
        """{"learning_rate": {"module": "m", "class_name": "Mine", "config": {}, "registered_name": "p>Mine"}}""", 2)]
    [InlineData("config.learning_rate.class_name", """{"learning_rate": {"class_name": "Mine", "config": {}}}""")]
    [InlineData("config.learning_rate.class_name", """{"learning_rate": {}}""")]
    [InlineData("config.learning_rate.config", """{"learning_rate": {"class_name": "CosineDecay", "config": 3}}""")]
    [InlineData("config.learning_rate.config.decay_rate",
        """{"learning_rate": {"class_name": "ExponentialDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 1}}}""")]
    [InlineData("config.learning_rate.config.foo",
        """{"learning_rate": {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 1, "foo": 1}}}""")]
    [InlineData("config.learning_rate.config.name",
        """{"learning_rate": {"class_name": "CosineDecay", "config": {"initial_learning_rate": 0.1, "decay_steps": 1, "name": null}}}""")]
    [InlineData("config.learning_rate.config.initial_learning_rate",
        """{"learning_rate": {"class_name": "CosineDecay", "config": {"initial_learning_rate": true, "decay_steps": 1}}}""")]
    [InlineData("config.learning_rate.config.decay_steps",
        """{"learning_rate": {"class_name": "CosineDecay", "config": {"initial_learning_rate": 1, "decay_steps": 2147483648}}}""")]
    [InlineData("config.learning_rate.config.first_decay_steps",
        """{"learning_rate": {"class_name": "CosineDecayRestarts", "config": {"initial_learning_rate": 1, "first_decay_steps": 1, "t_mul": 3}}}""")]
    [InlineData("config.learning_rate.config.values",
        """{"learning_rate": {"class_name": "PiecewiseConstantDecay", "config": {"boundaries": [1], "values": [1, 0.5]}}}""")]
    [InlineData("config.learning_rate.config.values[1]",
        """{"learning_rate": {"class_name": "PiecewiseConstantDecay", "config": {"boundaries": [1], "values": [1.0, "a"]}}}""")]
    [InlineData("config.learning_rate.config.boundaries",
        """{"learning_rate": {"class_name": "PiecewiseConstantDecay", "config": {"boundaries": [2147483647.0], "values": [1.0, 2.0]}}}""")]
    public void Import_BadArgument_IsRefusedWithItsPath(string field, string config, int count = 1)
    {
        var refusal = Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Import(AdamOf(config)));

        Assert.Equal(count, refusal.Errors.Count);
        Assert.Equal(field, refusal.Errors[^1].Field);
    }

    [Theory]
    [InlineData("class_name", """{"class_name": "SGD"}""")]
    [InlineData("class_name", """{"class_name": "Nadam", "config": {}}""")]
    [InlineData("class_name", """{"config": {}}""")]
    [InlineData("module", """{"class_name": "Adam", "module": "my_package"}""")]
    [InlineData("module", """{"class_name": "Adam", "module": "kerasx.optimizers"}""")]
    [InlineData("module", """{"class_name": "Adam", "module": null}""")]
    [InlineData("registered_name", """{"class_name": "Adam", "registered_name": "Custom>Adam"}""")]
    [InlineData("config", """{"class_name": "Adam", "config": []}""")]
    [InlineData("cfg", """{"class_name": "Adam", "cfg": {}}""")]
    [InlineData("config.inner_optimizer", """{"class_name": "LossScaleOptimizer", "config": {}}""")]
    [InlineData("config.inner_optimizer.class_name", """{"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": "adam"}}""")]
    [InlineData("config.inner_optimizer.class_name",
        """{"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": {"class_name": "LossScaleOptimizer"}}}""")]
    [InlineData("config.inner_optimizer.config.clipnorm",
        """{"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": {"class_name": "Adam", "config": {"clipnorm": "a"}}}}""")]
    [InlineData("config.dynamic_growth_steps",
        """{"class_name": "LossScaleOptimizer", "config": {"inner_optimizer": {"class_name": "Adam"}, "dynamic_growth_steps": 2.5}}""")]
    public void Import_BadObject_IsRefusedWithItsPath(string field, string json) =>
        Assert.Equal(field, Assert.Single(Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Import(json)).Errors).Field);

    [Fact]
    public void Import_ManyMistakes_ListsAll()
    {
        var refusal = Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Import(AdamOf(
            """{"learning_rate": 1, "use_ema": true, "ema_momentum": 2, "clipnorm": 1, "clipvalue": 2.0, "name": "a/b", "foo": {"x": [null, "it's"]}}""")));

        Assert.Equal(
            ["config.learning_rate", "config.name", "config.foo", "config.ema_momentum", "config.clipvalue"],
            refusal.Errors.Select(error => error.Field));
        Assert.Contains("""Argument(s) not recognized: {'foo': {'x': [None, "it's"]}}""", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("Received: ema_momentum=2\n", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith("Received: clipnorm=1, clipvalue=2.0, global_clipnorm=None", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_TooManyBoundaries_IsRefused()
    {
        string boundaries = string.Join(", ", Enumerable.Range(1, 1001));
        string values = string.Join(", ", Enumerable.Repeat("0.5", 1002));

        var refusal = Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Import(
            AdamWithSchedule("PiecewiseConstantDecay", $$"""{"boundaries": [{{boundaries}}], "values": [{{values}}]}""")));

        Assert.Contains("At most 1000", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Import_TooLong_IsRefused() =>
        Assert.Contains(
            "longer than 1048576 bytes",
            Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Import(new string('é', 600_000))).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Import_LongUnknownArgument_IsCutInTheMessage() =>
        Assert.InRange(
            Assert.Throws<KerasConfigException>(
                () => KerasOptimizerJson.Import(AdamOf($$"""{"{{new string('x', 5000)}}": "{{new string('y', 5000)}}"}"""))).Message.Length,
            1,
            600);

    [Fact]
    public void Import_ManyUnknownMembers_AreOneError()
    {
        string members = string.Join(", ", Enumerable.Range(0, 10_000).Select(index => $"\"m{index}\": 0"));
        string schedule = Serialized("keras.optimizers.schedules", "CosineDecay", $$"""{"initial_learning_rate": 0.1, "decay_steps": 1, {{members}}}""");

        var ofObject = Assert.Throws<KerasConfigException>(() => KerasOptimizerJson.Import($$"""{"class_name": "Adam", {{members}}}"""));
        var ofConfigs = Assert.Throws<KerasConfigException>(
            () => KerasOptimizerJson.Import(AdamOf($$"""{"learning_rate": {{schedule}}, {{members}}}""")));

        Assert.Equal("m0", Assert.Single(ofObject.Errors).Field);
        Assert.Equal(["config.learning_rate.config.m0", "config.m0"], ofConfigs.Errors.Select(error => error.Field));
    }

    [Fact]
    public void Import_Null_Throws() => Assert.Throws<ArgumentNullException>(() => KerasOptimizerJson.Import(null!));
}
