using System.Text.Json;

namespace Adam.Golden;

/// <summary>What a schedule gave at a number of steps.</summary>
/// <param name="Schedule">The schedule.</param>
/// <param name="Steps">Values of the raw iteration counter.</param>
/// <param name="Rates">The rate at each of them.</param>
public sealed record GoldenScheduleTable(GoldenSchedule Schedule, IReadOnlyList<long> Steps, IReadOnlyList<float> Rates)
{
    internal static GoldenScheduleTable Read(JsonElement json) => new(
        GoldenSchedule.Read(json.GetProperty("schedule")),
        json.GetProperty("steps").ToArray(step => step.GetInt64()),
        json.GetProperty("f32_base64").ToFloats());
}
