using Serilog.Events;

namespace Adam.Service.Hosting;

/// <summary>What Kestrel logs as critical although any client can cause it, dozens of times for each connection that it ends.</summary>
internal static class ClientNoise
{
    private static readonly string[] EventNames = ["Http2QueueOperationsExceeded", "Http2FlowControlQueueOperationsExceeded"];

    /// <summary>Whether an event says no more than that a client went too far and its connection was ended.</summary>
    public static bool Is(LogEvent logEvent) =>
        logEvent.Properties.TryGetValue("EventId", out var value)
        && value is StructureValue { Properties: var properties }
        && properties.Any(property =>
            property is { Name: "Name", Value: ScalarValue { Value: string name } } && EventNames.Contains(name, StringComparer.Ordinal));
}
