using Adam.Service.Configuration;
using Adam.Service.Tests.Support;
using Adam.Service.Tls;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Tls;

/// <summary>What is wrong with certificates is said at start: which option, which file, and why.</summary>
public sealed class TlsOptionsTests : TlsTest
{
    [Fact]
    public void Validate_GoodFiles_AreFine()
    {
        WriteFiles();

        Assert.Null(Validate(Options()));
    }

    [Fact]
    public void Validate_KeyInTheFileOfTheCertificate_IsFine()
    {
        WriteFiles();
        File.AppendAllText(Folder.CertificatePath, "\n" + File.ReadAllText(Folder.KeyPath));

        Assert.Null(Validate(new TlsOptions { CertificateFile = Folder.CertificatePath }));
    }

    [Fact]
    public void Validate_FilesThatAreMissing_AreAllNamed()
    {
        var failures = Validate(Options())!;

        Assert.Equal(3, failures.Count);
        Assert.StartsWith($"Tls:CertificateFile: '{Folder.CertificatePath}' cannot be read: ", failures[0], StringComparison.Ordinal);
        Assert.StartsWith($"Tls:KeyFile: '{Folder.KeyPath}' cannot be read: ", failures[1], StringComparison.Ordinal);
        Assert.StartsWith($"Tls:ClientCaFile: '{Folder.ClientCaPath}' cannot be read: ", failures[2], StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_FilesWithoutCertificates_AreNamed()
    {
        WriteFiles();
        File.WriteAllText(Folder.CertificatePath, "nothing");
        File.WriteAllText(Folder.ClientCaPath, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");

        var failures = Validate(Options())!;

        Assert.Equal(2, failures.Count);
        Assert.Equal($"Tls:CertificateFile: '{Folder.CertificatePath}' holds no certificate in PEM format.", failures[0]);
        Assert.StartsWith(
            $"Tls:ClientCaFile: '{Folder.ClientCaPath}' holds a certificate that cannot be read: ", failures[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_KeyOfAnotherCertificate_IsNamed()
    {
        WriteFiles();
        var certificate = File.ReadAllText(Folder.CertificatePath);
        WriteFiles();
        File.WriteAllText(Folder.CertificatePath, certificate);

        Assert.StartsWith(
            $"Tls:KeyFile: '{Folder.KeyPath}' does not hold the private key of the certificate of CN=service",
            Assert.Single(Validate(Options())!),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_NoKeyAtAll_NamesTheFileOfTheCertificate()
    {
        WriteFiles();

        Assert.StartsWith(
            $"Tls:CertificateFile: '{Folder.CertificatePath}' does not hold the private key",
            Assert.Single(Validate(new TlsOptions { CertificateFile = Folder.CertificatePath })!),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_ExpiredCertificate_IsNamedWithItsDates()
    {
        WriteFiles();
        using var expired = Authority.CertifyServer(until: TestAuthority.Day(-1));
        Folder.Write(expired);

        Assert.StartsWith(
            $"Tls:CertificateFile: '{Folder.CertificatePath}' holds a certificate of CN=service that is valid from ",
            Assert.Single(Validate(Options())!),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_OtherOptions_AreNamedWithTheirRanges()
    {
        var options = new TlsOptions { KeyFile = "key", MinimumVersion = "1.1", ReloadSeconds = 0 };

        Assert.Equal(
            [
                "Tls:MinimumVersion must be 1.2 or 1.3, not '1.1'.",
                "Tls:ReloadSeconds must be 0.05 to 86400, not 0.",
                "Tls:CertificateFile is missing: the other files mean nothing without it.",
            ],
            Validate(options)!);
    }

    [Fact]
    public async Task Start_HttpsWithoutACertificate_IsRefused()
    {
        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestService.StartAsync(("Server:GrpcUrl", "https://127.0.0.1:0")));

        Assert.Equal(["Server:GrpcUrl https://127.0.0.1:0 needs a certificate: set Tls:CertificateFile."], error.Failures);
    }

    [Fact]
    public async Task Start_CertificateThatNobodyWouldSee_IsRefused()
    {
        WriteFiles();

        var error = await Assert.ThrowsAsync<OptionsValidationException>(
            () => TestService.StartAsync([.. Folder.Settings, ("Server:GrpcUrl", "http://127.0.0.1:0")]));

        Assert.Equal(
            ["Tls:CertificateFile is set, but no address begins with https://: nobody would be served with it."], error.Failures);
    }

    private static List<string>? Validate(TlsOptions options) =>
        new TlsOptionsValidator(TimeProvider.System).Validate(null, options) is { Failed: true } result ? [.. result.Failures] : null;

    private TlsOptions Options() =>
        new() { CertificateFile = Folder.CertificatePath, KeyFile = Folder.KeyPath, ClientCaFile = Folder.ClientCaPath };
}
