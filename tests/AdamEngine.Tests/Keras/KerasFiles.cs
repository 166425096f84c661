using System.Text;
using System.Text.Json;
using Adam.Golden;

namespace Adam.Engine.Tests.Keras;

/// <summary>Serialised optimizers that Keras itself wrote, as compact JSON text with the numbers as Keras spelled them.</summary>
internal static class KerasFiles
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "golden");

    public static IReadOnlyList<string> SavedNames { get; } = ["adam", "adam_amsgrad_ema_accum_schedule", "loss_scale_adam"];

    public static string Saved(string name) =>
        Read(Path.Combine("extra", "saved", name)).GetProperty("optimizer_config_in_config_json").GetRawText();

    /// <summary>The golden files hold <c>get_config()</c> and the class; this puts them together.</summary>
    public static string OfCase(string name)
    {
        JsonElement run = Read(Path.Combine("public", name));
        return Serialized("keras.optimizers", run.GetProperty("optimizer").GetString()!, run.GetProperty("config").GetRawText());
    }

    public static IReadOnlyList<string> CaseNames => GoldenFiles.CaseNames;

    public static IReadOnlyList<JsonElement> ScheduleTables => [.. Read(Path.Combine("extra", "schedules")).GetProperty("tables").EnumerateArray()];

    public static string Serialized(string module, string className, string config) =>
        $$"""{"module": "{{module}}", "class_name": "{{className}}", "config": {{config}}, "registered_name": null}""";

    public static string AdamOf(string config) => Serialized("keras.optimizers", "Adam", config);

    public static string AdamWithSchedule(string className, string config) =>
        AdamOf($$"""{"learning_rate": {{Serialized("keras.optimizers.schedules", className, config)}}}""");

    public static LearningRateSchedule Schedule(string className, string config)
    {
        AdamOptions options = KerasOptimizerJson.Import(AdamWithSchedule(className, config)).Groups[0];
        return Assert.IsType<ScheduledLearningRate>(options.LearningRate).Schedule;
    }

    /// <summary>Drops the white space between tokens.</summary>
    public static string Compact(string json)
    {
        var compact = new StringBuilder();
        bool isInString = false;
        for (int i = 0; i < json.Length; i++)
        {
            if (json[i] == '"' && json[i - 1] != '\\')
            {
                isInString = !isInString;
            }

            if (isInString || !char.IsWhiteSpace(json[i]))
            {
                compact.Append(json[i]);
            }
        }

        return compact.ToString();
    }

    private static JsonElement Read(string path)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, path + ".json")));
        return document.RootElement.Clone();
    }
}
