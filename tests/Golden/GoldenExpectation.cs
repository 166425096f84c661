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

    internal static GoldenExpectation Read(JsonElement json) => new()
    {
        Variables = json.GetProperty("variables").ToFloatArrays(),
        FirstMoment = json.GetProperty("m").ToFloatArrays(),
        SecondMoment = json.GetProperty("v").ToFloatArrays(),
        MaxSecondMoment = json.Optional("vhat")?.ToFloatArrays(),
        Average = json.Optional("average")?.ToFloatArrays(),
        Accumulator = json.Optional("accumulator")?.ToFloatArrays(),
        Iterations = json.GetProperty("iterations").GetInt64(),
        EffectiveIterations = json.GetProperty("effective_iterations").GetInt64(),
    };
}
