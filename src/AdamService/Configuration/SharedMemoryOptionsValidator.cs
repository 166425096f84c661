using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="SharedMemoryOptions"/> at start, and that nobody from another machine would be offered what cannot reach it.</summary>
internal sealed class SharedMemoryOptionsValidator(IConfiguration configuration) : IValidateOptions<SharedMemoryOptions>
{
    private const string GrpcUrl = $"{ServerOptions.Section}:{nameof(ServerOptions.GrpcUrl)}";
    private const string GrpcWebUrl = $"{GrpcWebEndpointOptions.Section}:{nameof(GrpcWebEndpointOptions.Url)}";

    public ValidateOptionsResult Validate(string? name, SharedMemoryOptions options)
    {
        var errors = new List<string>();
        if (!SocketMode.TryParse(options.SocketMode, out _))
        {
            errors.Add($"{Of(nameof(options.SocketMode))} must be three octal digits such as 600, not '{options.SocketMode}'.");
        }

        if (options.BytesMax < 0)
        {
            errors.Add($"{Of(nameof(options.BytesMax))} must be 0 or more, not {options.BytesMax}.");
        }

        if (options.TokenSeconds is not (>= 0.1 and <= 600))
        {
            errors.Add($"{Of(nameof(options.TokenSeconds))} must be 0.1 to 600, not {options.TokenSeconds}.");
        }

        if (options.Enabled)
        {
            CheckWhere(options, errors);
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private void CheckWhere(SharedMemoryOptions options, List<string> errors)
    {
        if (!OperatingSystem.IsLinux())
        {
            errors.Add($"{Of(nameof(options.Enabled))} needs Linux.");
        }

        // Not from the options of that section: if they are invalid, that is said once, and there.
        var grpcUrl = configuration[GrpcUrl] ?? new ServerOptions().GrpcUrl;
        foreach (var (option, url) in new[] { (GrpcUrl, grpcUrl), (GrpcWebUrl, configuration[GrpcWebUrl]) })
        {
            if (ListenAddress.TryParse(url, out var address) && !address.IsLocal)
            {
                errors.Add(
                    $"{Of(nameof(options.Enabled))} is for clients on this machine, but {option} {url} is open to others: listen on loopback or on unix:/PATH, "
                    + "or leave shared memory off.");
            }
        }

        if (string.IsNullOrEmpty(options.SocketPath))
        {
            return;
        }

        if (!ListenAddress.TryParse($"unix:{options.SocketPath}", out var socket) || socket.SocketPath != options.SocketPath)
        {
            errors.Add($"{Of(nameof(options.SocketPath))} must be the absolute path of a Unix domain socket, at most 107 bytes, not '{options.SocketPath}'.");
        }
        else if (ListenAddress.TryParse(grpcUrl, out var grpc) && grpc.SocketPath == options.SocketPath)
        {
            errors.Add($"{Of(nameof(options.SocketPath))} and {GrpcUrl} are the same socket: choose another path for one of them.");
        }
    }

    private static string Of(string option) => $"{SharedMemoryOptions.Section}:{option}";
}
