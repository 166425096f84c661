using System.Text.Json;
using Adam.Engine.Tests.Support;
using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>
/// Goes through every recorded outcome of a call to Keras: it is reproduced message for message, or
/// <see cref="OutcomeExcuses"/> says why it cannot arise or is meant to differ.
/// </summary>
public sealed class GoldenOutcomeTests
{
    private static readonly Dictionary<string, GoldenOutcome> Rows = GoldenFiles.ReadOutcomes().ToDictionary(row => row.Key);

    private static readonly Dictionary<string, Action<GoldenOutcome>> Calls = new()
    {
        ["apply all gradients None"] = row => Assert.Equal(row.Message, Refusal<GradientMismatchException>(o => o.Step([])).Message),
        ["apply state after the all-None error: built, iterations still 0"] = _ =>
        {
            AdamOptimizer optimizer = TwoVariables();
            Assert.Throws<GradientMismatchException>(() => optimizer.Step([]));
            Assert.Equal(0, optimizer.Groups[0].Iterations);
        },
        ["apply LossScaleOptimizer, all gradients None"] = row =>
        {
            var optimizer = new AdamOptimizer(
                new OptimizerOptions { DynamicLossScale = new DynamicLossScale() }, [new VariableSpec("a", [3])]);
            Assert.Equal(row.Message, Assert.Throws<GradientMismatchException>(() => optimizer.Step()).Message);
            Assert.Equal(0, optimizer.LossScale!.StepCounter);
        },
        ["apply variable the optimizer was not built with"] = _ =>
            Refusal<GradientMismatchException>(o => o.Step([(2, new float[3])])),
        ["apply one None gradient: warning"] = _ =>
            Assert.Equal(StepOutcome.Applied, TwoVariables().Step([(0, new float[3])]).Outcome),
        ["apply gradient of a shape that does not broadcast to the variable"] = _ =>
            Refusal<GradientMismatchException>(o => o.Step([(0, new float[12])])),
        ["apply gradient of an incompatible shape"] = _ =>
            Refusal<GradientMismatchException>(o => o.Step([(0, new float[4])])),
        ["learning_rate set a number when a schedule is in place"] = row =>
        {
            AdamOptimizer optimizer = TwoVariables();
            optimizer.Groups[0].SetLearningRate(LearningRate.Scheduled(new ExponentialDecay(0.1, 10, 0.5)));
            var refusal = Assert.Throws<LearningRateException>(() => optimizer.Groups[0].SetLearningRate(LearningRate.Constant(0.1)));
            Assert.Equal(row.Message, refusal.Message);
        },
        ["learning_rate set a schedule when a number is in place: the learning_rate variable is dropped"] = _ =>
        {
            AdamOptimizer optimizer = TwoVariables();
            optimizer.Groups[0].SetLearningRate(LearningRate.Scheduled(new ExponentialDecay(0.1, 10, 0.5)));
            Assert.Equal(0.1f, optimizer.Groups[0].CurrentLearningRate);
        },
        ["exclude_from_weight_decay invalid regular expression"] = _ =>
            Assert.Throws<AdamOptionsException>(() => WeightDecayExclusion.Resolve(["("], [])),
    };

    public static TheoryData<string> Keys => [.. Rows.Keys];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Call_GoldenOutcome_IsReproducedOrExcused(string key)
    {
        GoldenOutcome row = Rows[key];
        if (OutcomeExcuses.Of(row) is { } reason)
        {
            Assert.False(Calls.ContainsKey(key), $"Both covered and excused ({reason}).");
        }
        else if (row.Kind == "constructor")
        {
            string?[] expected = row.Succeeded ? [] : [row.Message];
            Assert.Equal(expected, Errors(row).Select(error => error.Message));
        }
        else
        {
            Assert.True(Calls.TryGetValue(key, out Action<GoldenOutcome>? call), "Neither covered nor excused.");
            call(row);
        }
    }

    [Fact]
    public void Excuses_OfNoRow_AreNone() =>
        Assert.Empty(OutcomeExcuses.Keys.Where(key => !Rows.ContainsKey(key)).Concat(Calls.Keys.Where(key => !Rows.ContainsKey(key))));

    private static AdamOptimizer TwoVariables() => new(new AdamOptions(), [new VariableSpec("a", [3]), new VariableSpec("b", [3])]);

    private static T Refusal<T>(Action<AdamOptimizer> call)
        where T : Exception => Assert.Throws<T>(() => call(TwoVariables()));

    private static IReadOnlyList<OptionError> Errors(GoldenOutcome row) => row.What switch
    {
        "Adam" => AdamOptionsValidator.Validate(Options(new AdamOptions(), row.Arguments)),
        "AdamW" => AdamOptionsValidator.Validate(Options(AdamOptions.AdamW(), row.Arguments)),
        _ => GoldenAdapter.Schedule(GoldenSchedule.Of(row.What, Object(row.Arguments))).Validate(),
    };

    private static JsonElement Object(IReadOnlyDictionary<string, JsonElement> arguments) => JsonSerializer.SerializeToElement(arguments);

    private static AdamOptions Options(AdamOptions options, IReadOnlyDictionary<string, JsonElement> arguments)
    {
        foreach ((string name, JsonElement value) in arguments)
        {
            options = name switch
            {
                "learning_rate" when value.ValueKind == JsonValueKind.Null => options with { LearningRate = null! },
                "learning_rate" => options with { LearningRate = LearningRate.Constant(value.GetDouble()) },
                "beta_1" => options with { Beta1 = value.GetDouble() },
                "beta_2" => options with { Beta2 = value.GetDouble() },
                "epsilon" => options with { Epsilon = value.GetDouble() },
                "weight_decay" => options with { WeightDecay = value.GetDouble() },
                "clipnorm" => options with { ClipNorm = value.GetDouble() },
                "clipvalue" => options with { ClipValue = value.GetDouble() },
                "global_clipnorm" => options with { GlobalClipNorm = value.GetDouble() },
                "use_ema" => options with { UseEma = value.GetBoolean() },
                "ema_momentum" => options with { EmaMomentum = value.GetDouble() },
                "ema_overwrite_frequency" => options with { EmaOverwriteFrequency = value.GetInt32() },
                "gradient_accumulation_steps" => options with { GradientAccumulationSteps = value.GetInt32() },
                "loss_scale_factor" => options with { LossScaleFactor = value.GetDouble() },
                "name" => options with { Name = value.GetString()! },
                _ => throw new NotSupportedException($"The argument {name} is neither mapped nor excused."),
            };
        }

        return options;
    }
}
