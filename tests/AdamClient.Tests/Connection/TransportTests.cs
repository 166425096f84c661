using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Adam.Client.Tests.Support;
using Grpc.Core;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace Adam.Client.Tests.Connection;

public sealed class TransportTests : IDisposable
{
    private readonly TestCertificates _certificates = new();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("adam-");

    private string SocketPath => Path.Combine(_directory.FullName, "adam.sock");

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task UnixSocket_CarriesCalls()
    {
        await using var service = await FakeService.StartOnSocketAsync(SocketPath);
        Describe(service);
        await using var client = AdamClient.ForAddress(service.Address);

        Assert.Equal("s", (await client.GetSessionAsync("s")).Id);
    }

    [Fact]
    public async Task UnixSocket_PathWithASpace_IsFound()
    {
        var path = Path.Combine(_directory.FullName, "a b%.sock");
        await using var service = await FakeService.StartOnSocketAsync(path);
        Describe(service);
        await using var client = AdamClient.ForAddress($"unix://{Uri.EscapeDataString(path).Replace("%2F", "/", StringComparison.Ordinal)}");

        Assert.Equal("s", (await client.GetSessionAsync("s")).Id);
    }

    [Fact]
    public async Task UnixSocket_NobodyListens_IsUnavailable()
    {
        await using var client = new AdamClient(new AdamClientOptions { Address = new Uri($"unix://{SocketPath}"), CallAttempts = 1 });

        var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
    }

    [Fact]
    public async Task WaitForService_ServiceComesLate_CallGoesOn()
    {
        await using var client = new AdamClient(new AdamClientOptions
        {
            Address = new Uri($"unix://{SocketPath}"),
            CallAttempts = 1,
            WaitForService = true,
        });
        var call = client.GetSessionAsync("s");

        await using var service = await FakeService.StartOnSocketAsync(SocketPath);
        Describe(service);

        Assert.Equal("s", (await call).Id);
    }

    [Fact]
    public async Task WaitForService_NoServiceComes_EndsWithTheTimeLimit()
    {
        await using var client = new AdamClient(new AdamClientOptions
        {
            Address = new Uri($"unix://{SocketPath}"),
            CallTimeout = TimeSpan.FromMilliseconds(50),
            WaitForService = true,
        });

        var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Equal(StatusCode.DeadlineExceeded, exception.StatusCode);
    }

    [Fact]
    public async Task Tls_TrustedAuthority_CarriesCalls()
    {
        await using var service = await StartWithTlsAsync();
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions { TrustedCertificates = [_certificates.Authority] });

        Assert.Equal("s", (await client.GetSessionAsync("s")).Id);
    }

    [Fact]
    public async Task Tls_SelfSignedCertificateTrusted_CarriesCalls()
    {
        await using var service = await FakeService.StartAsync(listen => listen.UseHttps(_certificates.SelfSigned));
        Describe(service);
        await using var client = AdamClient.ForAddress(
            service.Address, new AdamClientOptions { TrustedCertificates = [_certificates.SelfSigned] });

        Assert.Equal("s", (await client.GetSessionAsync("s")).Id);
    }

    [Fact]
    public async Task Tls_NobodyTrustsTheAuthority_IsUnavailableAndSaysWhy()
    {
        using var others = new TestCertificates();
        await using var service = await StartWithTlsAsync();
        foreach (IReadOnlyList<X509Certificate2>? trusted in new[] { null, new[] { others.Authority } })
        {
            await using var client = AdamClient.ForAddress(
                service.Address, new AdamClientOptions { TrustedCertificates = trusted, CallAttempts = 1 });

            var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

            Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
            Assert.IsType<AuthenticationException>(exception.GetBaseException());
        }
    }

    [Fact]
    public async Task MutualTls_ClientShowsItsCertificate()
    {
        await using var service = await StartWithTlsAsync(ClientCertificateMode.RequireCertificate);
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions
        {
            TrustedCertificates = [_certificates.Authority],
            ClientCertificate = _certificates.Trainer,
        });

        await client.GetSessionAsync("s");

        Assert.Equal(_certificates.Trainer.Thumbprint, service.Calls.Single().ClientThumbprint);
    }

    [Fact]
    public async Task MutualTls_ClientWithoutACertificate_IsUnavailable()
    {
        await using var service = await StartWithTlsAsync(ClientCertificateMode.RequireCertificate);
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions
        {
            TrustedCertificates = [_certificates.Authority],
            CallAttempts = 1,
        });

        var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.True(exception.StatusCode == StatusCode.Unavailable, exception.ToString());
        Assert.Empty(service.Calls);
    }

    private static void Describe(FakeService service) =>
        service.Answer = (_, _) => new V1.GetSessionResponse { Session = FakeService.Session("s") };

    private async Task<FakeService> StartWithTlsAsync(ClientCertificateMode mode = ClientCertificateMode.NoCertificate)
    {
        var service = await FakeService.StartAsync(listen => listen.UseHttps(https =>
        {
            https.ServerCertificate = _certificates.Service;
            https.ClientCertificateMode = mode;
            https.ClientCertificateValidation = (_, _, _) => true;
        }));
        Describe(service);
        return service;
    }
}
