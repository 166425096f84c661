using System.CommandLine;
using System.Security.Cryptography;
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
        var caFile = new Option<string?>("--ca-file")
        {
            Description = "With https: certificates in PEM format, one of which must have issued that of the service. Default: on loopback "
                + "any certificate will do, elsewhere the system decides.",
        };
        var command = new Command("healthcheck", "Ask a running service whether it is ready: exit code 0 if it is, 1 if not.") { url, caFile };
        command.SetAction((arguments, cancellationToken) =>
            RunAsync(arguments.GetValue(url), arguments.GetValue(caFile), cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(string? url, string? caFile, CancellationToken cancellationToken)
    {
        url ??= LocalService.Configured().HttpUrl;
        if (!Uri.TryCreate(LocalService.ToLoopback(url), UriKind.Absolute, out var address))
        {
            await Console.Error.WriteLineAsync($"'{url}' is not an address; expected http://ADDRESS:PORT or https://ADDRESS:PORT.");
            return 1;
        }

        var probe = new Uri(address, HttpProbes.Readiness);
        try
        {
            using var handler = new SocketsHttpHandler { SslOptions = ProbeTrust.Of(address, caFile) };
            using var client = new HttpClient(handler) { Timeout = Timeout };
            using var response = await client.GetAsync(probe, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            await Console.Out.WriteLineAsync($"{probe}: {(int)response.StatusCode} {body}");
            return response.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException
            or IOException or UnauthorizedAccessException or CryptographicException)
        {
            // Of a certificate that is refused, only the inner exception says why.
            await Console.Error.WriteLineAsync($"{probe}: {error.Message} {error.InnerException?.Message}".TrimEnd());
            return 1;
        }
    }
}
