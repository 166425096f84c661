using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Adam.Service.Configuration;

namespace Adam.Service.Tls;

/// <summary>Who the service is, and whose clients it lets in: the certificates of one state of the files.</summary>
/// <param name="Certificate">The certificate of the service with its chain.</param>
/// <param name="ClientAuthorities">The authorities of clients; null if clients are not asked.</param>
internal sealed record TlsIdentity(SslStreamCertificateContext Certificate, X509Certificate2Collection? ClientAuthorities)
{
    /// <summary>Makes it of what the files hold.</summary>
    /// <param name="files">The files.</param>
    /// <param name="options">Their names, for the errors.</param>
    /// <param name="now">The time at which the certificate must be valid.</param>
    /// <param name="errors">What is wrong, with the name of the option and of the file.</param>
    /// <returns>Null if something is.</returns>
    public static TlsIdentity? Create(TlsFiles files, TlsOptions options, DateTimeOffset now, List<string> errors)
    {
        var errorsBefore = errors.Count;
        var certificate = ReadCertificate(files, options, now, errors);
        var authorities = files.ClientCa is null
            ? null
            : ReadCertificates(nameof(options.ClientCaFile), options.ClientCaFile, files.ClientCa, errors);
        return errors.Count == errorsBefore && certificate is not null ? new TlsIdentity(certificate, authorities) : null;
    }

    private static SslStreamCertificateContext? ReadCertificate(
        TlsFiles files, TlsOptions options, DateTimeOffset now, List<string> errors)
    {
        if (ReadCertificates(nameof(options.CertificateFile), options.CertificateFile, files.Certificate, errors) is not { } chain)
        {
            return null;
        }

        var leaf = chain[0];
        if (now < leaf.NotBefore || now > leaf.NotAfter)
        {
            errors.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{TlsOptions.Section}:{nameof(options.CertificateFile)}: '{options.CertificateFile}' holds a certificate of {leaf.Subject} that is valid from {leaf.NotBefore.ToUniversalTime():u} to {leaf.NotAfter.ToUniversalTime():u} only."));
            return null;
        }

        try
        {
            var withKey = X509Certificate2.CreateFromPem(files.Certificate, files.Key);
            chain.RemoveAt(0);

            // Offline: a service does not go out to the network to find out who it is.
            return SslStreamCertificateContext.Create(withKey, chain, offline: true);
        }
        catch (Exception error) when (error is CryptographicException or ArgumentException)
        {
            var (option, path) = string.IsNullOrEmpty(options.KeyFile)
                ? (nameof(options.CertificateFile), options.CertificateFile)
                : (nameof(options.KeyFile), options.KeyFile);
            errors.Add(
                $"{TlsOptions.Section}:{option}: '{path}' does not hold the private key of the certificate of {leaf.Subject}, not encrypted and in PEM format: {error.Message}");
            return null;
        }
    }

    private static X509Certificate2Collection? ReadCertificates(string option, string? path, string pem, List<string> errors)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(pem);
            if (certificates.Count > 0)
            {
                return certificates;
            }

            errors.Add($"{TlsOptions.Section}:{option}: '{path}' holds no certificate in PEM format.");
        }
        catch (CryptographicException error)
        {
            errors.Add($"{TlsOptions.Section}:{option}: '{path}' holds a certificate that cannot be read: {error.Message}");
        }

        return null;
    }
}
