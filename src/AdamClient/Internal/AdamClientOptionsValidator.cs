using System.Text.RegularExpressions;
using Microsoft.Extensions.Options;

namespace Adam.Client.Internal;

/// <summary>Reports everything that is wrong with the options, not only the first.</summary>
internal sealed partial class AdamClientOptionsValidator : IValidateOptions<AdamClientOptions>
{
    private const int MaxReceiveMessageBytesMin = 65_536;
    private const int CallAttemptsMax = 10;

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
        else if (!options.Address.IsAbsoluteUri || options.Address.Scheme is not ("http" or "https" or UnixSocket.Scheme))
        {
            yield return $"Address must be http://host:port, https://host:port or unix:///path/to.sock. Received: {options.Address}.";
        }
        else if (options.Address.Scheme == UnixSocket.Scheme && UnixSocket.FindError(options.Address) is { } wrongPath)
        {
            yield return wrongPath;
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

        if (options.CallAttempts is < 1 or > CallAttemptsMax)
        {
            yield return $"CallAttempts must be 1 to {CallAttemptsMax}. Received: {options.CallAttempts}.";
        }

        foreach (var error in ConnectionErrors(options).Concat(CredentialErrors(options)))
        {
            yield return error;
        }
    }

    private static IEnumerable<string> ConnectionErrors(AdamClientOptions options)
    {
        var hasCertificates = options.TrustedCertificates is not null || options.ClientCertificate is not null;
        if (hasCertificates && HasScheme(options, "http", UnixSocket.Scheme))
        {
            yield return "TrustedCertificates and ClientCertificate need TLS: an Address of https://host:port. "
                + $"Received: {options.Address}.";
        }

        if (options.HttpHandler is not null && hasCertificates)
        {
            yield return "HttpHandler brings its own certificates: set them there, or leave HttpHandler out.";
        }

        if (options.HttpHandler is not null && HasScheme(options, UnixSocket.Scheme))
        {
            yield return "HttpHandler brings its own way to connect: give it a connect callback and an Address of http://localhost, "
                + "or leave HttpHandler out.";
        }

        if (options.TrustedCertificates is { Count: 0 })
        {
            yield return "TrustedCertificates must have a certificate, or be null for those that the machine trusts.";
        }

        if (options.ClientCertificate is { HasPrivateKey: false })
        {
            yield return "ClientCertificate must have its private key: load it with X509Certificate2.CreateFromPemFile or from a PFX file. "
                + $"Received: {options.ClientCertificate.Subject}.";
        }
    }

    private static IEnumerable<string> CredentialErrors(AdamClientOptions options)
    {
        if (options.BearerToken is { } token && !TokenPattern().IsMatch(token))
        {
            // The token itself is nobody's business.
            yield return "BearerToken must be letters, digits and -._~+/=, without the word Bearer and without spaces or line ends.";
        }

        if ((options.BearerToken is not null || options.CallHeaders is not null)
            && !options.AllowCredentialsInClearText
            && HasScheme(options, "http")
            && !options.Address!.IsLoopback)
        {
            yield return "BearerToken and CallHeaders would go to another machine in clear text: use https, "
                + $"or set AllowCredentialsInClearText. Received: {options.Address}.";
        }
    }

    private static bool HasScheme(AdamClientOptions options, params ReadOnlySpan<string> schemes) =>
        options.Address is { IsAbsoluteUri: true } address && schemes.Contains(address.Scheme);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\z")]
    private static partial Regex WorkerPattern();

    [GeneratedRegex(@"\A[A-Za-z0-9._~+/-]+=*\z")]
    private static partial Regex TokenPattern();
}
