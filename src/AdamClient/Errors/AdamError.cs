using System.Globalization;
using Grpc.Core;

namespace Adam.Client;

/// <summary>What is known of a refusal, before it becomes an exception.</summary>
internal sealed record AdamError(StatusCode Code, string Message)
{
    /// <summary>The reason as it was spelled; empty if none was named.</summary>
    public string Reason { get; init; } = "";

    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    public Exception? Cause { get; init; }

    public string? Text(string key) => Metadata.GetValueOrDefault(key);

    public ulong? Number(string key) =>
        ulong.TryParse(Text(key), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>The service joins lists by commas.</summary>
    public IReadOnlyList<string> List(string key) =>
        Text(key)?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];
}
