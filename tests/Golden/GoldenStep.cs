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

    /// <summary>The same before its rounding to float32, for a callable.</summary>
    public required double LearningRateValue { get; init; }

    /// <summary>The scalars of the update by the type of the variables; empty when the call did not update.</summary>
    public required IReadOnlyDictionary<string, GoldenScalars> Scalars { get; init; }

    /// <summary>Whether the loss scale skipped the call.</summary>
    public required bool IsSkipped { get; init; }

    /// <summary>Everything after the call.</summary>
    public required GoldenExpectation Expected { get; init; }

    internal static GoldenStep Read(JsonElement json, IReadOnlyList<GoldenVariable> variables)
    {
        JsonElement[] gradients = json.GetProperty("gradients").ToArray(gradient => gradient);
        int[] indices = json.Optional("variable_indices")?.ToArray(index => index.GetInt32()) ?? [.. Enumerable.Range(0, gradients.Length)];
        JsonElement rate = json.GetProperty("learning_rate");
        return new GoldenStep
        {
            SetLearningRate = json.OptionalDouble("set_learning_rate"),
            VariableIndices = indices,
            Gradients =
            [
                .. gradients.Zip(indices, (gradient, index) =>
                    gradient.ValueKind == JsonValueKind.Null ? null : gradient.ToFloats(variables[index].GradientDType)),
            ],
            LearningRate = rate.GetProperty("f32").ToFloats()[0],
            LearningRateValue = rate.GetProperty("value").GetDouble(),
            Scalars = json.Optional("scalars")?.EnumerateObject().ToDictionary(entry => entry.Name, entry => GoldenScalars.Read(entry.Value))
                ?? [],
            IsSkipped = json.Optional("skipped")?.GetBoolean() ?? false,
            Expected = GoldenExpectation.Read(json.GetProperty("expected"), [.. variables.Select(variable => variable.DType)]),
        };
    }
}
