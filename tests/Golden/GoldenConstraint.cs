using System.Text.Json;

namespace Adam.Golden;

/// <summary>A variable's constraint.</summary>
/// <param name="ClassName">Keras's class, <c>NonNeg</c> or <c>MaxNorm</c>.</param>
/// <param name="MaxValue">MaxNorm's <c>max_value</c>.</param>
/// <param name="Axis">MaxNorm's <c>axis</c>.</param>
public sealed record GoldenConstraint(string ClassName, double? MaxValue, int? Axis)
{
    internal static GoldenConstraint Read(JsonElement json)
    {
        JsonElement config = json.GetProperty("config");
        return new GoldenConstraint(json.GetText("class_name"), config.OptionalDouble("max_value"), config.OptionalInt32("axis"));
    }
}
