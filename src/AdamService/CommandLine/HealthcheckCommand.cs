using System.CommandLine;
using Adam.Service.Configuration;
using Adam.Service.Hosting;

namespace Adam.Service.CommandLine;

/// <summary><c>AdamService healthcheck</c>: asks a running service whether it is ready. Needs no shell and no curl in the image.</summary>
internal static class HealthcheckCommand
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public static Command Create()
    {
        var url = new Option<string?>("--http-url")
        {
            Description = "The endpoint of the probes. Default: what the same environment would make the service listen on.",
        };
        var command = new Command("healthcheck", "Ask a running service whether it is ready: exit code 0 if it is, 1 if not.") { url };
        command.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(url), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? url, CancellationToken cancellationToken)
    {
        url ??= ConfiguredUrl();
        if (!Uri.TryCreate(ToLoopback(url), UriKind.Absolute, out var address))
        {
            await Console.Error.WriteLineAsync($"'{url}' is not an address; expected http://ADDRESS:PORT.");
            return 1;
        }

        var probe = new Uri(address, HttpProbes.Readiness);
        using var client = new HttpClient { Timeout = Timeout };
        try
        {
            using var response = await client.GetAsync(probe, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            await Console.Out.WriteLineAsync($"{probe}: {(int)response.StatusCode} {body}");
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            await Console.Error.WriteLineAsync($"{probe}: {error.Message}");
            return 1;
        }
    }

    private static string ConfiguredUrl()
    {
        var configuration = new ConfigurationBuilder();
        ServiceConfiguration.AddTo(configuration, []);
        return configuration.Build().GetSection(ServerOptions.Section).Get<ServerOptions>()?.HttpUrl ?? new ServerOptions().HttpUrl;
    }

    // A service that listens on every address is asked on the loopback one.
    private static string ToLoopback(string url) => url
        .Replace("://*", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://0.0.0.0", "://127.0.0.1", StringComparison.Ordinal)
        .Replace("://[::]", "://[::1]", StringComparison.Ordinal);
}
