using System.Text.Json;

namespace Adam.Golden;

/// <summary>The arguments of a <c>LossScaleOptimizer</c>.</summary>
/// <param name="InitialScale">Keras <c>initial_scale</c>.</param>
/// <param name="GrowthSteps">Keras <c>dynamic_growth_steps</c>.</param>
public sealed record GoldenLossScale(double InitialScale, long GrowthSteps)
{
    internal static GoldenLossScale Read(JsonElement config) =>
        new(config.GetProperty("initial_scale").GetDouble(), config.GetProperty("dynamic_growth_steps").GetInt64());
}
