using System.Text.Json;

namespace Adam.Golden;

/// <summary>A variable of a training run.</summary>
/// <param name="Path">Keras <c>variable.path</c>.</param>
/// <param name="Shape">Dimensions, outermost first.</param>
/// <param name="DType">Element type in Keras's spelling, e.g. <c>float32</c>.</param>
/// <param name="GradientDType">Element type of its gradients.</param>
/// <param name="Constraint">Its constraint, if it has one.</param>
/// <param name="Initial">Values before the first step, row-major; float16 ones as float32.</param>
public sealed record GoldenVariable(
    string Path, IReadOnlyList<long> Shape, string DType, string GradientDType, GoldenConstraint? Constraint, float[] Initial)
{
    internal static GoldenVariable Read(JsonElement json) => new(
        json.GetText("path"),
        json.GetProperty("shape").ToArray(dimension => dimension.GetInt64()),
        json.GetText("dtype"),
        json.Optional("gradient_dtype")?.GetString() ?? json.GetText("dtype"),
        json.Optional("constraint") is { } constraint ? GoldenConstraint.Read(constraint) : null,
        json.GetProperty("initial").ToFloats(json.GetText("dtype")));
}
