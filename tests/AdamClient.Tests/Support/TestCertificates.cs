using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Adam.Client.Tests.Support;

/// <summary>An authority of the test's own, and certificates that it issued.</summary>
internal sealed class TestCertificates : IDisposable
{
    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private static readonly DateTimeOffset Start = TimeProvider.System.GetUtcNow().AddDays(-1);

    public TestCertificates()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Test authority", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        Authority = request.CreateSelfSigned(Start, Start.AddYears(1));
        Service = Issue("CN=service", ServerAuthentication, IPAddress.Loopback);
        Trainer = Issue("CN=trainer", ClientAuthentication, null);
        SelfSigned = Request("CN=alone", key, ServerAuthentication, IPAddress.Loopback).CreateSelfSigned(Start, Start.AddYears(1));
    }

    public X509Certificate2 Authority { get; }

    /// <summary>For a service on 127.0.0.1.</summary>
    public X509Certificate2 Service { get; }

    /// <summary>For a client.</summary>
    public X509Certificate2 Trainer { get; }

    /// <summary>For a service on 127.0.0.1, issued by itself.</summary>
    public X509Certificate2 SelfSigned { get; }

    public void Dispose()
    {
        SelfSigned.Dispose();
        Trainer.Dispose();
        Service.Dispose();
        Authority.Dispose();
    }

    private X509Certificate2 Issue(string name, string usage, IPAddress? address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = Request(name, key, usage, address);
        using var certificate = request.Create(Authority, Start, Start.AddMonths(6), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    private static CertificateRequest Request(string name, ECDsa key, string usage, IPAddress? address)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], true));
        if (address is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(address);
            request.CertificateExtensions.Add(names.Build());
        }

        return request;
    }
}
