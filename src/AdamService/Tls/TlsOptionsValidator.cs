using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tls;

/// <summary>Checks <see cref="TlsOptions"/> and the files that they name at start, and reports every error at once.</summary>
internal sealed class TlsOptionsValidator(TimeProvider time) : IValidateOptions<TlsOptions>
{
    public ValidateOptionsResult Validate(string? name, TlsOptions options)
    {
        var errors = new List<string>();
        if (!TlsVersions.TryParse(options.MinimumVersion, out _))
        {
            errors.Add($"{TlsOptions.Section}:{nameof(options.MinimumVersion)} must be 1.2 or 1.3, not '{options.MinimumVersion}'.");
        }

        if (options.ReloadSeconds is not (>= 0.05 and <= 86_400))
        {
            errors.Add($"{TlsOptions.Section}:{nameof(options.ReloadSeconds)} must be 0.05 to 86400, not {options.ReloadSeconds}.");
        }

        if (!string.IsNullOrEmpty(options.CertificateFile))
        {
            if (TlsFiles.Read(options, errors) is { } files)
            {
                TlsIdentity.Create(files, options, time.GetUtcNow(), errors);
            }
        }
        else if (!string.IsNullOrEmpty(options.KeyFile) || !string.IsNullOrEmpty(options.ClientCaFile))
        {
            errors.Add($"{TlsOptions.Section}:{nameof(options.CertificateFile)} is missing: the other files mean nothing without it.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
