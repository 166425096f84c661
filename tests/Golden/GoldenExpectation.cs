using System.Text.Json;

namespace Adam.Golden;

/// <summary>Every variable and slot after a call, for all variables in built order; null for slots the configuration lacks.</summary>
public sealed record GoldenExpectation
{
    /// <summary>The variables.</summary>
    public required IReadOnlyList<float[]> Variables { get; init; }

    /// <summary>Keras <c>momentum</c>.</summary>
    public required IReadOnlyList<float[]> FirstMoment { get; init; }

    /// <summary>Keras <c>velocity</c>.</summary>
    public required IReadOnlyList<float[]> SecondMoment { get; init; }

    /// <summary>Keras <c>velocity_hat</c>.</summary>
    public required IReadOnlyList<float[]>? MaxSecondMoment { get; init; }

    /// <summary>Keras <c>average</c>.</summary>
    public required IReadOnlyList<float[]>? Average { get; init; }

    /// <summary>Keras <c>gradient_accumulator</c>.</summary>
    public required IReadOnlyList<float[]>? Accumulator { get; init; }

    /// <summary>The raw iteration counter.</summary>
    public required long Iterations { get; init; }

    /// <summary>Keras's property <c>optimizer.iterations</c>.</summary>
    public required long EffectiveIterations { get; init; }

    /// <summary>Where the loss scale stands; null without one.</summary>
    public required GoldenLossScaleState? LossScale { get; init; }

    internal static GoldenExpectation Read(JsonElement json, IReadOnlyList<string> dtypes) => new()
    {
        Variables = json.GetProperty("variables").ToFloatArrays(dtypes),
        FirstMoment = json.GetProperty("m").ToFloatArrays(dtypes),
        SecondMoment = json.GetProperty("v").ToFloatArrays(dtypes),
        MaxSecondMoment = json.Optional("vhat")?.ToFloatArrays(dtypes),
        Average = json.Optional("average")?.ToFloatArrays(dtypes),
        Accumulator = json.Optional("accumulator")?.ToFloatArrays(dtypes),
        Iterations = json.GetProperty("iterations").GetInt64(),
        EffectiveIterations = json.GetProperty("effective_iterations").GetInt64(),
        LossScale = json.Optional("step_counter") is { } counter
            ? new GoldenLossScaleState(counter.GetInt32(), json.GetProperty("dynamic_scale").GetSingle())
            : null,
    };
}
