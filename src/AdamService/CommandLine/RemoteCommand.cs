using System.CommandLine;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Grpc.Core;

namespace Adam.Service.CommandLine;

/// <summary>What all commands that call a running service have in common: its address, and one line that says what went wrong.</summary>
internal sealed class RemoteCommand
{
    /// <summary>It was done.</summary>
    public const int Done = 0;

    /// <summary>It was refused, the service is not there, or a file is in the way.</summary>
    public const int Failed = 1;

    private readonly Option<string?> _url = new("--grpc-url")
    {
        Description = "Where the service is: http://HOST:PORT, https://HOST:PORT or unix:/PATH. Default: what the same environment would make it listen on.",
    };

    private readonly Option<string?> _caFile = new("--ca-file")
    {
        Description = "With https: certificates in PEM format, one of which must have issued that of the service. Default: the system decides.",
    };

    private readonly Option<string?> _certificateFile = new("--certificate-file")
    {
        Description = "With https: a certificate in PEM format to show to a service that asks for one.",
    };

    private readonly Option<string?> _keyFile = new("--key-file")
    {
        Description = "The key of --certificate-file in PEM format. Default: in the same file.",
    };

    /// <summary>Makes a command.</summary>
    /// <param name="name">The verb.</param>
    /// <param name="description">What it does.</param>
    /// <param name="run">Does it, and returns the exit code.</param>
    /// <param name="options">Its own options.</param>
    public Command Create(
        string name, string description, Func<ServiceConnection, ParseResult, CancellationToken, Task<int>> run, params ReadOnlySpan<Option> options)
    {
        var command = new Command(name, description);
        foreach (var option in (ReadOnlySpan<Option>)[.. options, _url, _caFile, _certificateFile, _keyFile])
        {
            command.Options.Add(option);
        }

        command.SetAction((arguments, _) => RunAsync(arguments, run));
        return command;
    }

    private async Task<int> RunAsync(ParseResult arguments, Func<ServiceConnection, ParseResult, CancellationToken, Task<int>> run)
    {
        // A file that is not complete is taken away first.
        using var stop = new CancellationTokenSource();
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => Stop(signal, stop));
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => Stop(signal, stop));
        var url = arguments.GetValue(_url) ?? LocalService.ToLoopback(LocalService.Configured().GrpcUrl);
        try
        {
            using var connection = ServiceConnection.Open(
                url, arguments.GetValue(_caFile), arguments.GetValue(_certificateFile), arguments.GetValue(_keyFile));
            return await run(connection, arguments, stop.Token);
        }
        catch (Exception) when (stop.IsCancellationRequested)
        {
            return await FailAsync("Interrupted.");
        }
        catch (RpcException refused) when (refused.StatusCode == StatusCode.Unavailable)
        {
            // Of a certificate that is refused, only the inner exception says why.
            return await FailAsync($"{url}: {refused.Status.Detail} {refused.Status.DebugException?.InnerException?.Message}");
        }
        catch (RpcException refused)
        {
            return await FailAsync(refused.Status.Detail);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            return await FailAsync(error.Message);
        }
    }

    private static void Stop(PosixSignalContext signal, CancellationTokenSource stop)
    {
        signal.Cancel = true;
        stop.Cancel();
    }

    private static async Task<int> FailAsync(string message)
    {
        var lines = message.Split(['\r', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        await Console.Error.WriteLineAsync(string.Join(' ', lines));
        return Failed;
    }
}
