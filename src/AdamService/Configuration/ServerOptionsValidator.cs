using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="ServerOptions"/> at start and reports every error at once.</summary>
internal sealed class ServerOptionsValidator : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        var errors = new List<string>();
        CheckUrl(nameof(options.GrpcUrl), options.GrpcUrl, errors);
        CheckUrl(nameof(options.HttpUrl), options.HttpUrl, errors);
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

    private static void CheckUrl(string name, string value, List<string> errors)
    {
        if (!ListenAddress.TryParse(value, out _))
        {
            errors.Add($"{ServerOptions.Section}:{name} must be http://ADDRESS:PORT with an IP address or localhost, not '{value}'.");
        }
    }
}
