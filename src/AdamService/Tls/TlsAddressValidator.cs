using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tls;

/// <summary>Checks that there is a certificate where an address of <see cref="ServerOptions"/> needs one, and an address where there is one.</summary>
internal sealed class TlsAddressValidator(IConfiguration configuration) : IValidateOptions<ServerOptions>
{
    public ValidateOptionsResult Validate(string? name, ServerOptions options)
    {
        // Not from the options of that section: if they are invalid, that is said once, and there.
        const string Option = $"{TlsOptions.Section}:{nameof(TlsOptions.CertificateFile)}";
        var hasCertificate = !string.IsNullOrEmpty(configuration[Option]);
        var errors = new List<string>();
        CheckMissing(nameof(options.GrpcUrl), options.GrpcUrl);
        CheckMissing(nameof(options.HttpUrl), options.HttpUrl);
        if (hasCertificate && !IsTls(options.GrpcUrl) && !IsTls(options.HttpUrl))
        {
            errors.Add($"{Option} is set, but no address begins with https://: nobody would be served with it.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void CheckMissing(string option, string url)
        {
            if (IsTls(url) && !hasCertificate)
            {
                errors.Add($"{ServerOptions.Section}:{option} {url} needs a certificate: set {Option}.");
            }
        }
    }

    private static bool IsTls(string url) => ListenAddress.TryParse(url, out var address) && address.IsTls;
}
