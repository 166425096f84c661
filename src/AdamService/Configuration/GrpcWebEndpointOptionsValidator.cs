using Microsoft.Extensions.Options;

namespace Adam.Service.Configuration;

/// <summary>Checks <see cref="GrpcWebEndpointOptions"/> at start and reports every error at once.</summary>
internal sealed class GrpcWebEndpointOptionsValidator(IOptions<ServerOptions> server) : IValidateOptions<GrpcWebEndpointOptions>
{
    private const string Section = GrpcWebEndpointOptions.Section;

    public ValidateOptionsResult Validate(string? name, GrpcWebEndpointOptions options)
    {
        var errors = new List<string>();
        if (options.Enabled)
        {
            CheckUrl(options, errors);
        }
        else if (!string.IsNullOrEmpty(options.Url) || options.AllowedOrigins.Count > 0)
        {
            errors.Add($"{Section}:{nameof(options.Enabled)} is not true: the other settings of {Section} mean nothing without it.");
        }

        foreach (var origin in options.AllowedOrigins.Where(origin => !IsOrigin(origin, options.AllowedOrigins.Count)))
        {
            errors.Add($"{Section}:{nameof(options.AllowedOrigins)} must be origins such as https://example.org, or * alone, not '{origin}'.");
        }

        if (options.PreflightSeconds is not (>= 0 and <= 86_400))
        {
            errors.Add($"{Section}:{nameof(options.PreflightSeconds)} must be 0 to 86400, not {options.PreflightSeconds}.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private void CheckUrl(GrpcWebEndpointOptions options, List<string> errors)
    {
        const string Name = $"{Section}:{nameof(options.Url)}";
        if (string.IsNullOrEmpty(options.Url))
        {
            if (!ListenAddress.TryParse(server.Value.GrpcUrl, out var shared) || !shared.IsTls)
            {
                errors.Add(
                    $"{Name} is missing: {ServerOptions.Section}:{nameof(ServerOptions.GrpcUrl)} {server.Value.GrpcUrl} has no TLS, and so no HTTP/1.1 for browsers.");
            }
        }
        else if (!ListenAddress.TryParse(options.Url, out var address) || address.SocketPath is not null)
        {
            errors.Add($"{Name} must be http://ADDRESS:PORT or https://ADDRESS:PORT with an IP address or localhost, not '{options.Url}'.");
        }
        else if (!Cleartext.IsAllowed(address, server.Value))
        {
            errors.Add(Cleartext.Refusal(Name, options.Url));
        }
    }

    // As a browser writes it: scheme, host, and the port unless it is the scheme's own; nothing behind.
    private static bool IsOrigin(string origin, int count) => origin == GrpcWebEndpointOptions.AnyOrigin
        ? count == 1
        : Uri.TryCreate(origin, UriKind.Absolute, out var uri)
            && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            && uri.GetLeftPart(UriPartial.Authority) == origin;
}
