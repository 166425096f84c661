using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Adam.Client.Internal;

/// <summary>Reports everything that is wrong with the options, not only the first.</summary>
internal sealed partial class AdamClientOptionsValidator : IValidateOptions<AdamClientOptions>
{
    private const int MaxReceiveMessageBytesMin = 65_536;

    public ValidateOptionsResult Validate(string? name, AdamClientOptions options)
    {
        var errors = Errors(options).ToList();
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    /// <summary>What is wrong, one sentence each.</summary>
    public static IEnumerable<string> Errors(AdamClientOptions options)
    {
        if (options.Address is null)
        {
            yield return "Address is required, for example http://127.0.0.1:50051.";
        }
        else if (!options.Address.IsAbsoluteUri || options.Address.Scheme is not ("http" or "https"))
        {
            yield return $"Address must be http://host:port or https://host:port. Received: {options.Address}.";
        }

        if (options.WorkerId is { } worker && !WorkerPattern().IsMatch(worker))
        {
            yield return "WorkerId must be 1 to 128 letters, digits, '.', '_' or '-', beginning with a letter or digit. "
                + $"Received: '{worker}'.";
        }

        if (options.CallTimeout is { } timeout && timeout <= TimeSpan.Zero)
        {
            yield return $"CallTimeout must be above zero, or null for no limit. Received: {timeout}.";
        }

        if (options.MaxReceiveMessageBytes is { } bytes and < MaxReceiveMessageBytesMin)
        {
            yield return $"MaxReceiveMessageBytes must be at least {MaxReceiveMessageBytesMin}, or null for no limit. Received: {bytes}.";
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex WorkerPattern();
}
