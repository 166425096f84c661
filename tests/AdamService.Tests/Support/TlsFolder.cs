using System.Security.Cryptography.X509Certificates;

namespace Adam.Service.Tests.Support;

/// <summary>The files of a service with TLS, and the settings that name them.</summary>
internal sealed class TlsFolder : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("adam-").FullName;

    public string CertificatePath => Path.Combine(_folder, "tls.crt");

    public string KeyPath => Path.Combine(_folder, "tls.key");

    public string ClientCaPath => Path.Combine(_folder, "clients.crt");

    /// <summary>A service that shows its certificate.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("Server:GrpcUrl", "https://127.0.0.1:0"),
        ("Tls:CertificateFile", CertificatePath),
        ("Tls:KeyFile", KeyPath),
        ("Tls:ReloadSeconds", "0.05"),
    ];

    /// <summary>A service that asks for one, too.</summary>
    public (string Name, string Value)[] MutualSettings => [.. Settings, ("Tls:ClientCaFile", ClientCaPath)];

    public void Write(X509Certificate2 certificate)
    {
        File.WriteAllText(CertificatePath, certificate.ExportCertificatePem());
        File.WriteAllText(KeyPath, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
    }

    public void WriteClientCa(params TestAuthority[] authorities) =>
        File.WriteAllText(ClientCaPath, string.Join('\n', authorities.Select(authority => authority.Pem)));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
