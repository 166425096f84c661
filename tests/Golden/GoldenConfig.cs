using System.Text.Json;

namespace Adam.Golden;

/// <summary>The optimizer's <c>get_config()</c>, under Keras's argument names.</summary>
public sealed record GoldenConfig
{
    /// <summary>The class name that stands for a Python callable, which no file can hold.</summary>
    private const string CallablePlaceholder = "__callable__";

    /// <summary><c>learning_rate</c> when it is a number, which has been through float32; null for a schedule or a callable.</summary>
    public required double? LearningRate { get; init; }

    /// <summary><c>learning_rate</c> when it is a schedule.</summary>
    public required GoldenSchedule? Schedule { get; init; }

    /// <summary><c>beta_1</c>.</summary>
    public required double Beta1 { get; init; }

    /// <summary><c>beta_2</c>.</summary>
    public required double Beta2 { get; init; }

    /// <summary><c>epsilon</c>.</summary>
    public required double Epsilon { get; init; }

    /// <summary><c>amsgrad</c>.</summary>
    public required bool AmsGrad { get; init; }

    /// <summary><c>weight_decay</c>.</summary>
    public required double? WeightDecay { get; init; }

    /// <summary><c>clipnorm</c>.</summary>
    public required double? ClipNorm { get; init; }

    /// <summary><c>global_clipnorm</c>.</summary>
    public required double? GlobalClipNorm { get; init; }

    /// <summary><c>clipvalue</c>.</summary>
    public required double? ClipValue { get; init; }

    /// <summary><c>use_ema</c>.</summary>
    public required bool UseEma { get; init; }

    /// <summary><c>ema_momentum</c>.</summary>
    public required double EmaMomentum { get; init; }

    /// <summary><c>ema_overwrite_frequency</c>.</summary>
    public required int? EmaOverwriteFrequency { get; init; }

    /// <summary><c>loss_scale_factor</c>.</summary>
    public required double? LossScaleFactor { get; init; }

    /// <summary><c>gradient_accumulation_steps</c>.</summary>
    public required int? GradientAccumulationSteps { get; init; }

    /// <summary><c>name</c>.</summary>
    public required string Name { get; init; }

    internal static GoldenConfig Read(JsonElement json)
    {
        JsonElement rate = json.GetProperty("learning_rate");
        return new GoldenConfig
        {
            LearningRate = rate.ValueKind == JsonValueKind.Number ? rate.GetDouble() : null,
            Schedule = rate.ValueKind == JsonValueKind.Object && rate.GetText("class_name") != CallablePlaceholder
                ? GoldenSchedule.Read(rate)
                : null,
            Beta1 = json.GetProperty("beta_1").GetDouble(),
            Beta2 = json.GetProperty("beta_2").GetDouble(),
            Epsilon = json.GetProperty("epsilon").GetDouble(),
            AmsGrad = json.GetProperty("amsgrad").GetBoolean(),
            WeightDecay = json.OptionalDouble("weight_decay"),
            ClipNorm = json.OptionalDouble("clipnorm"),
            GlobalClipNorm = json.OptionalDouble("global_clipnorm"),
            ClipValue = json.OptionalDouble("clipvalue"),
            UseEma = json.GetProperty("use_ema").GetBoolean(),
            EmaMomentum = json.GetProperty("ema_momentum").GetDouble(),
            EmaOverwriteFrequency = json.OptionalInt32("ema_overwrite_frequency"),
            LossScaleFactor = json.OptionalDouble("loss_scale_factor"),
            GradientAccumulationSteps = json.OptionalInt32("gradient_accumulation_steps"),
            Name = json.GetText("name"),
        };
    }
}
