using System.Text.Json;

namespace Adam.Golden;

/// <summary>One call of <c>apply</c>.</summary>
public sealed record GoldenStep
{
    /// <summary>The rate to assign before the call, if any.</summary>
    public required double? SetLearningRate { get; init; }

    /// <summary>The variables that the gradients are for, in their order.</summary>
    public required IReadOnlyList<int> VariableIndices { get; init; }

    /// <summary>The gradients; null is <c>None</c>.</summary>
    public required IReadOnlyList<float[]?> Gradients { get; init; }

    /// <summary>What the getter of the learning rate gave for the call.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The scalars of the update; null when the call only accumulated.</summary>
    public required GoldenScalars? Scalars { get; init; }

    /// <summary>Everything after the call.</summary>
    public required GoldenExpectation Expected { get; init; }

    internal static GoldenStep Read(JsonElement json)
    {
        float[]?[] gradients = json.GetProperty("gradients").ToOptionalFloatArrays();
        return new GoldenStep
        {
            SetLearningRate = json.OptionalDouble("set_learning_rate"),
            VariableIndices = json.Optional("variable_indices")?.ToArray(index => index.GetInt32())
                ?? [.. Enumerable.Range(0, gradients.Length)],
            Gradients = gradients,
            LearningRate = json.GetProperty("learning_rate").GetProperty("f32").ToFloats()[0],
            Scalars = json.Optional("scalars")?.Optional("float32") is { } scalars ? GoldenScalars.Read(scalars) : null,
            Expected = GoldenExpectation.Read(json.GetProperty("expected")),
        };
    }
}
