using System.Text.Json;

namespace Adam.Golden;

/// <summary>The numbers of an update that are the same for every variable of a type.</summary>
/// <param name="LocalStep">The number of the update, from 1.</param>
/// <param name="Beta1Power"><c>beta_1</c> to the power of the step.</param>
/// <param name="Beta2Power"><c>beta_2</c> to the power of the step.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="Alpha">The step size with bias correction.</param>
public sealed record GoldenScalars(float LocalStep, float Beta1Power, float Beta2Power, float LearningRate, float Alpha)
{
    internal static GoldenScalars Read(JsonElement json) => new(
        Value(json, "local_step"),
        Value(json, "beta_1_power"),
        Value(json, "beta_2_power"),
        Value(json, "lr"),
        Value(json, "alpha"));

    private static float Value(JsonElement json, string name) => (float)HexFloat.Parse(json.GetText(name));
}
