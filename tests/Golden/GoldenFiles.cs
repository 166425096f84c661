using System.Text.Json;

namespace Adam.Golden;

/// <summary>The golden vectors beside this assembly.</summary>
public static class GoldenFiles
{
    private static readonly string Root = Path.Combine(AppContext.BaseDirectory, "golden");

    /// <summary>Names of all training runs, e.g. <c>00_adam_default</c>, in order.</summary>
    public static IReadOnlyList<string> CaseNames { get; } =
    [
        .. Directory.EnumerateFiles(Path.Combine(Root, "public"), "*.json")
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads one training run.</summary>
    public static GoldenCase ReadCase(string name) => GoldenCase.Read(ReadJson("public", name));

    /// <summary>Reads the tables of learning-rate schedules.</summary>
    public static IReadOnlyList<GoldenScheduleTable> ReadScheduleTables() =>
        [.. ReadJson("extra", "schedules").GetProperty("tables").EnumerateArray().Select(GoldenScheduleTable.Read)];

    /// <summary>Reads the table of outcomes and error messages.</summary>
    public static IReadOnlyList<GoldenOutcome> ReadOutcomes() =>
        [.. ReadJson("extra", "errors").GetProperty("rows").EnumerateArray().Select(GoldenOutcome.Read)];

    private static JsonElement ReadJson(string folder, string name)
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Root, folder, name + ".json")));
        return document.RootElement.Clone();
    }
}
