using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tls;

/// <summary>Checks that there is a certificate where an address of <see cref="ServerOptions"/> needs one, and an address where there is one.</summary>
internal sealed class TlsAddressValidator(IConfiguration configuration) : IValidateOptions<ServerOptions>
{
    private const string GrpcWebUrl = $"{GrpcWebEndpointOptions.Section}:{nameof(GrpcWebEndpointOptions.Url)}";

    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        // Not from the options of that section: if they are invalid, that is said once, and there.
        const string Option = $"{TlsOptions.Section}:{nameof(TlsOptions.CertificateFile)}";
        var hasCertificate = !string.IsNullOrEmpty(configuration[Option]);
        var errors = new List<string>();
        (string Option, string? Url)[] addresses =
        [
            ($"{ServerOptions.Section}:{nameof(options.GrpcUrl)}", options.GrpcUrl),
            ($"{ServerOptions.Section}:{nameof(options.HttpUrl)}", options.HttpUrl),
            (GrpcWebUrl, configuration[GrpcWebUrl]),
        ];
        foreach (var (option, url) in addresses.Where(address => IsTls(address.Url) && !hasCertificate))
        {
            errors.Add($"{option} {url} needs a certificate: set {Option}.");
        }

        if (hasCertificate && !addresses.Any(address => IsTls(address.Url)))
        {
            errors.Add($"{Option} is set, but no address begins with https://: nobody would be served with it.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }

    private static bool IsTls(string? url) => ListenAddress.TryParse(url, out var address) && address.IsTls;
}
