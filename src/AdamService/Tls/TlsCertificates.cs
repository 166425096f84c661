using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tls;

/// <summary>The certificates that new connections are served with.</summary>
internal sealed class TlsCertificates
{
    // Extended key usage of TLS clients, RFC 5280, section 4.2.1.12.
    private static readonly Oid ClientAuthentication = new("1.3.6.1.5.5.7.3.2");

    private readonly TlsOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SslProtocols _protocols;
    private readonly Lock _lock = new();
    private TlsFiles? _files;
    private volatile TlsIdentity? _identity;

    public TlsCertificates(IOptions<TlsOptions> options, TimeProvider time, ILogger<TlsCertificates> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        _protocols = TlsVersions.TryParse(_options.MinimumVersion, out var protocols) ? protocols : SslProtocols.Tls13;
        Reload();
    }

    /// <summary>Whether there is a certificate at all.</summary>
    public bool IsConfigured => !string.IsNullOrEmpty(_options.CertificateFile);

    /// <summary>Reads the files again if they have changed. What cannot be used leaves everything as it is.</summary>
    public void Reload()
    {
        if (!IsConfigured)
        {
            return;
        }

        lock (_lock)
        {
            var errors = new List<string>();
            var files = TlsFiles.Read(_options, errors);
            if (files is not null && files == _files)
            {
                return;
            }

            if (files is null || TlsIdentity.Create(files, _options, _time.GetUtcNow(), errors) is not { } identity)
            {
                // Files are replaced one after the other: the next look may find them whole.
                TlsLog.NotReloaded(_logger, string.Join(' ', errors));
                return;
            }

            var leaf = identity.Certificate.TargetCertificate;
            TlsLog.Loaded(_logger, leaf.Subject, leaf.SerialNumber, leaf.NotAfter.ToUniversalTime());
            (_files, _identity) = (files, identity);
        }
    }

    /// <summary>How to shake hands on a new connection.</summary>
    /// <param name="asksClients">Whether clients are asked for a certificate, where authorities for them are configured.</param>
    public SslServerAuthenticationOptions HandshakeOptions(bool asksClients)
    {
        var identity = _identity ?? throw new InvalidOperationException("There is no certificate.");
        var handshake = new SslServerAuthenticationOptions
        {
            ServerCertificateContext = identity.Certificate,
            EnabledSslProtocols = _protocols,
            AllowRenegotiation = false,
        };
        if (asksClients && identity.ClientAuthorities is { } authorities)
        {
            handshake.ClientCertificateRequired = true;
            handshake.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
                DisableCertificateDownloads = true,
                ApplicationPolicy = { ClientAuthentication },
                VerificationTime = _time.GetUtcNow().UtcDateTime,
                VerificationTimeIgnored = false,
            };
            handshake.CertificateChainPolicy.CustomTrustStore.AddRange(authorities);
            handshake.RemoteCertificateValidationCallback = (_, certificate, _, problems) =>
                certificate is null ? !_options.ClientCertificateRequired : problems == SslPolicyErrors.None;
        }

        return handshake;
    }
}
