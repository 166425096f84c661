using System.Collections.Concurrent;
using Serilog;
using Serilog.Configuration;
using Serilog.Core;
using Serilog.Events;

namespace Adam.Service.Tests.Support;

/// <summary>Collects what a service logs as an error: a client's mistake is never one, so a test in which one was logged has failed.</summary>
public static class ErrorLog
{
    private static readonly ConcurrentDictionary<string, ConcurrentQueue<string>> Errors = new();

    /// <summary>Named in the settings of the service under test, from where Serilog calls it.</summary>
    public static LoggerConfiguration CollectedErrors(this LoggerSinkConfiguration sinks, string host)
    {
        ArgumentNullException.ThrowIfNull(sinks);
        return sinks.Sink(new Collector(Errors.GetOrAdd(host, _ => new ConcurrentQueue<string>())));
    }

    /// <summary>The errors that one service has logged.</summary>
    public static IReadOnlyList<string> Of(string host) => Errors.TryGetValue(host, out var errors) ? [.. errors] : [];

    /// <summary>The errors that one service has logged, which are then forgotten.</summary>
    public static IReadOnlyList<string> Take(string host)
    {
        var taken = Of(host);
        Errors.GetValueOrDefault(host)?.Clear();
        return taken;
    }

    /// <summary>Settings that make a service log into this collection, and nowhere else.</summary>
    public static IEnumerable<KeyValuePair<string, string?>> Settings(string host) =>
    [
        new("Serilog:Using:1", typeof(ErrorLog).Assembly.GetName().Name),
        new("Serilog:MinimumLevel:Default", "Error"),
        new("Serilog:MinimumLevel:Override:Microsoft", "Error"),
        new("Serilog:WriteTo:1:Name", nameof(CollectedErrors)),
        new("Serilog:WriteTo:1:Args:host", host),
    ];

    private sealed class Collector(ConcurrentQueue<string> errors) : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
            if (logEvent.Level >= LogEventLevel.Error)
            {
                errors.Enqueue($"{logEvent.RenderMessage(System.Globalization.CultureInfo.InvariantCulture)} {logEvent.Exception}");
            }
        }
    }
}
