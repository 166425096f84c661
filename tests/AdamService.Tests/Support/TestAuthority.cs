using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Adam.Service.Tests.Support;

/// <summary>An authority that certifies whatever a test wants.</summary>
internal sealed class TestAuthority : IDisposable
{
    private const string ServerUsage = "1.3.6.1.5.5.7.3.1";
    private const string ClientUsage = "1.3.6.1.5.5.7.3.2";

    private readonly X509Certificate2 _root;
    private int _serialNumber;

    public TestAuthority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _root = request.CreateSelfSigned(Day(-30), Day(30));
    }

    public string Pem => _root.ExportCertificatePem();

    public static DateTimeOffset Day(int days) => TimeProvider.System.GetUtcNow().AddDays(days);

    /// <summary>A certificate of a service on loopback, with its key.</summary>
    public X509Certificate2 CertifyServer(DateTimeOffset? until = null) => Certify("CN=service", ServerUsage, until ?? Day(10));

    /// <summary>A certificate of a client, with its key.</summary>
    public X509Certificate2 CertifyClient(DateTimeOffset? until = null) => Certify("CN=client", ClientUsage, until ?? Day(10));

    /// <summary>How a client shakes hands that trusts this authority, and no other.</summary>
    public SocketsHttpHandler Client(X509Certificate2? certificate = null) => new()
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                CustomTrustStore = { _root },
                RevocationMode = X509RevocationMode.NoCheck,
            },
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
        },
    };

    public void Dispose() => _root.Dispose();

    private X509Certificate2 Certify(string subject, string usage, DateTimeOffset until)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var certified = request.Create(_root, Day(-20), until, [1, (byte)Interlocked.Increment(ref _serialNumber)]);

        // A key that exists in memory alone is not good for every handshake.
        using var withKey = certified.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null);
    }
}
