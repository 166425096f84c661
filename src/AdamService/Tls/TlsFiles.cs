using Adam.Service.Configuration;

namespace Adam.Service.Tls;

/// <summary>What is in the files of <see cref="TlsOptions"/>. Two of them are equal when no file has changed.</summary>
/// <param name="Certificate">The certificates of the service.</param>
/// <param name="Key">Its private key.</param>
/// <param name="ClientCa">The authorities of clients; null for none.</param>
internal sealed record TlsFiles(string Certificate, string Key, string? ClientCa)
{
    // A certificate is a few kilobytes; whoever names a disk image has made a mistake.
    private const long BytesMax = 1 << 20;

    /// <summary>Reads the files.</summary>
    /// <param name="options">Where they are.</param>
    /// <param name="errors">What is wrong with them, with the name of the option.</param>
    /// <returns>Null if one cannot be read.</returns>
    public static TlsFiles? Read(TlsOptions options, List<string> errors)
    {
        var certificate = Read(nameof(options.CertificateFile), options.CertificateFile, errors);
        var key = string.IsNullOrEmpty(options.KeyFile) ? certificate : Read(nameof(options.KeyFile), options.KeyFile, errors);
        var asksClients = !string.IsNullOrEmpty(options.ClientCaFile);
        var clientCa = asksClients ? Read(nameof(options.ClientCaFile), options.ClientCaFile, errors) : null;
        return certificate is null || key is null || (asksClients && clientCa is null) ? null : new TlsFiles(certificate, key, clientCa);
    }

    /// <summary>Keys do not belong into logs.</summary>
    public override string ToString() => nameof(TlsFiles);

    private static string? Read(string option, string? path, List<string> errors)
    {
        try
        {
            var file = new FileInfo(path ?? "");
            if (file.Length <= BytesMax)
            {
                return File.ReadAllText(file.FullName);
            }

            errors.Add($"{TlsOptions.Section}:{option}: '{path}' is longer than {BytesMax} bytes; expected a file in PEM format.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            errors.Add($"{TlsOptions.Section}:{option}: '{path}' cannot be read: {error.Message}");
        }

        return null;
    }
}
