using System.CommandLine;
using System.Net.Sockets;
using Adam.Service.Configuration;
using Adam.Service.Hosting;
using Microsoft.Extensions.Options;

namespace Adam.Service.CommandLine;

/// <summary><c>AdamService serve</c>: runs the service until it is told to stop.</summary>
internal sealed class ServeCommand
{
    private readonly Option<string?> _grpcUrl = new("--grpc-url")
    {
        Description = $"Where gRPC is served, http://ADDRESS:PORT, https://ADDRESS:PORT or unix:/PATH; port 0 lets the system pick one. Default {new ServerOptions().GrpcUrl}.",
    };

    private readonly Option<string?> _httpUrl = new("--http-url")
    {
        Description = $"Where /healthz and /readyz are served, http://ADDRESS:PORT or https://ADDRESS:PORT. Default {new ServerOptions().HttpUrl}.",
    };

    private readonly Option<string?> _dataDirectory = new("--data-dir")
    {
        Description = "Where sessions are kept; \"\" for nowhere. Default adam-data in the working directory.",
    };

    private readonly Option<string?> _addressFile = new("--address-file")
    {
        Description = "A file that is written once the service listens: {\"grpc\":…,\"http\":…,\"pid\":…}.",
    };

    private readonly Option<bool> _stopWithStdin = new("--stop-with-stdin")
    {
        Description = "Stop when the standard input ends.",
    };

    private readonly Option<string[]> _set = new("--set")
    {
        Description = "Any other setting, for example --set Limits:SessionsMax=10. May be repeated.",
    };

    public ServeCommand()
    {
        Verb = new Command("serve", "Run the service. This is also what happens without a verb.");
        AddOptionsTo(Verb);
        Verb.SetAction(RunAsync);
    }

    /// <summary>The verb.</summary>
    public Command Verb { get; }

    /// <summary>Adds the options to a command.</summary>
    public void AddOptionsTo(Command command)
    {
        Option[] options = [_grpcUrl, _httpUrl, _dataDirectory, _addressFile, _stopWithStdin, _set];
        foreach (var option in options)
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Runs the service; 0 after an orderly stop, 1 if it could not start.</summary>
    public async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        try
        {
            await using var app = ServiceHost.Build(Settings(arguments));
            await app.RunAsync(cancellationToken);
            return 0;
        }
        catch (OptionsValidationException invalid)
        {
            foreach (var failure in invalid.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }
        }
        catch (Exception error) when (error is IOException or SocketException or UnauthorizedAccessException or FormatException
            or InvalidOperationException or InvalidDataException)
        {
            // An address that is in use or not allowed, a file that cannot be written, a setting that does not exist or is no number.
            await Console.Error.WriteLineAsync($"The service could not start: {error.Message}");
        }

        return 1;
    }

    private Dictionary<string, string?> Settings(ParseResult arguments)
    {
        var settings = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var pair in arguments.GetValue(_set) ?? [])
        {
            var (name, value) = pair.Split('=', 2) is [var left, var right]
                ? (left, right)
                : throw new FormatException($"--set expects NAME=VALUE, not '{pair}'.");
            settings[name] = value;
        }

        Put(nameof(ServerOptions.GrpcUrl), arguments.GetValue(_grpcUrl));
        Put(nameof(ServerOptions.HttpUrl), arguments.GetValue(_httpUrl));
        Put(nameof(ServerOptions.AddressFile), arguments.GetValue(_addressFile));
        Put(nameof(ServerOptions.StopWithStdin), arguments.GetValue(_stopWithStdin) ? "true" : null);
        if (arguments.GetValue(_dataDirectory) is { } directory)
        {
            settings[$"{DurabilityOptions.Section}:{nameof(DurabilityOptions.Directory)}"] = directory;
        }

        return settings;

        void Put(string name, string? value)
        {
            if (value is not null)
            {
                settings[$"{ServerOptions.Section}:{name}"] = value;
            }
        }
    }
}
