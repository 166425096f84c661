using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="ServerOptions"/> at start and reports every error at once.</summary>
internal sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var errors = new List<string>();
        CheckGrpcUrl(options, errors);
        CheckHttpUrl(options, errors);
        if (!SocketMode.TryParse(options.SocketMode, out _))
        {
            errors.Add($"{ServerOptions.Section}:{nameof(options.SocketMode)} must be three octal digits such as 600, not '{options.SocketMode}'.");
        }

        if (options.DrainSeconds is not (>= 0 and <= 600))
        {
            errors.Add($"{ServerOptions.Section}:{nameof(options.DrainSeconds)} must be 0 to 600, not {options.DrainSeconds}.");
        }

        if (options.StepThreads is not (>= 0 and <= 1024))
        {
            errors.Add($"{ServerOptions.Section}:{nameof(options.StepThreads)} must be 0 to 1024, not {options.StepThreads}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static void CheckGrpcUrl(ServerOptions options, List<string> errors)
    {
        const string Name = $"{ServerOptions.Section}:{nameof(options.GrpcUrl)}";
        if (!ListenAddress.TryParse(options.GrpcUrl, out var address))
        {
            errors.Add(
                $"{Name} must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost, or unix:/PATH, not '{options.GrpcUrl}'.");
        }
        else if (!Cleartext.IsAllowed(address, options))
        {
            errors.Add(Cleartext.Refusal(Name, options.GrpcUrl));
        }
    }

    private static void CheckHttpUrl(ServerOptions options, List<string> errors)
    {
        if (!ListenAddress.TryParse(options.HttpUrl, out var address) || address.SocketPath is not null)
        {
            errors.Add(
                $"{ServerOptions.Section}:{nameof(options.HttpUrl)} must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost, not '{options.HttpUrl}'.");
        }
    }
}
