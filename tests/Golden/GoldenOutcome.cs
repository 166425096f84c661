using System.Text.Json;

namespace Adam.Golden;

/// <summary>What a call to Keras ended with.</summary>
/// <param name="Kind">What was called, e.g. <c>constructor</c>.</param>
/// <param name="What">The class, or a description of the call.</param>
/// <param name="Arguments">Arguments of a constructor by Keras's names; empty for other kinds.</param>
/// <param name="Succeeded">Whether it ended without an error.</param>
/// <param name="Message">The text of the error; null when there was none.</param>
public sealed record GoldenOutcome(
    string Kind, string What, IReadOnlyDictionary<string, JsonElement> Arguments, bool Succeeded, string? Message)
{
    internal static GoldenOutcome Read(JsonElement json) => new(
        json.GetText("kind"),
        json.GetText("what"),
        json.Optional("args") is { } arguments
            ? arguments.EnumerateObject().ToDictionary(argument => argument.Name, argument => argument.Value, StringComparer.Ordinal)
            : new Dictionary<string, JsonElement>(StringComparer.Ordinal),
        json.GetProperty("ok").GetBoolean(),
        json.Optional("error")?.GetText("message"));

    /// <summary>A name for the row that is unique in the table, e.g. <c>constructor Adam {"clipnorm":1.0}</c>.</summary>
    public string Key =>
        Arguments.Count == 0
            ? $"{Kind} {What}"
            : $"{Kind} {What}({string.Join(", ", Arguments.Select(argument => $"{argument.Key}={argument.Value.GetRawText()}"))})";
}
