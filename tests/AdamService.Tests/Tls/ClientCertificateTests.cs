using Adam.Service.Tests.Support;
using Grpc.Core;

namespace Adam.Service.Tests.Tls;

/// <summary>Mutual TLS: whose clients get in.</summary>
public sealed class ClientCertificateTests : TlsTest
{
    [Fact]
    public async Task Call_CertificateOfTheAuthority_IsLetIn()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.MutualSettings);
        using var certificate = Authority.CertifyClient();

        await CallAsync(service, Authority.Client(certificate));
    }

    [Fact]
    public async Task Call_NoCertificate_IsRefused()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.MutualSettings);

        await AssertRefusedAsync(service, Authority.Client());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CertificateOfAnotherAuthority_IsRefused(bool isRequired)
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(
            [.. Folder.MutualSettings, ("Tls:ClientCertificateRequired", isRequired.ToString())]);
        using var other = new TestAuthority();
        using var certificate = other.CertifyClient();

        await AssertRefusedAsync(service, Authority.Client(certificate));
    }

    [Fact]
    public async Task Call_ExpiredCertificate_IsRefused()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.MutualSettings);
        using var certificate = Authority.CertifyClient(until: TestAuthority.Day(-1));

        await AssertRefusedAsync(service, Authority.Client(certificate));
    }

    [Fact]
    public async Task Call_CertificateOfAServer_IsRefused()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.MutualSettings);
        using var certificate = Authority.CertifyServer();

        await AssertRefusedAsync(service, Authority.Client(certificate));
    }

    [Fact]
    public async Task Call_NoCertificateWhereNoneIsRequired_IsLetIn()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync([.. Folder.MutualSettings, ("Tls:ClientCertificateRequired", "false")]);

        await CallAsync(service, Authority.Client());
    }

    [Fact]
    public async Task Files_OfAnotherAuthority_DecideOnNewConnections()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.MutualSettings);
        using var other = new TestAuthority();
        using var certificate = Authority.CertifyClient();
        using var newCertificate = other.CertifyClient();
        await AssertRefusedAsync(service, Authority.Client(newCertificate));

        Folder.WriteClientCa(other);
        service.Get<Adam.Service.Tls.TlsCertificates>().Reload();

        await CallAsync(service, Authority.Client(newCertificate));
        await AssertRefusedAsync(service, Authority.Client(certificate));
    }

    [Fact]
    public async Task Probe_OverTls_AsksForNoCertificate()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync([.. Folder.MutualSettings, ("Server:HttpUrl", "https://127.0.0.1:0")]);
        using var client = new HttpClient(Authority.Client());

        Assert.Equal("https", service.HttpUrl.Scheme);
        Assert.Equal("Healthy", await client.GetStringAsync(new Uri(service.HttpUrl, "/readyz")));
    }

    private static async Task AssertRefusedAsync(TestService service, SocketsHttpHandler handler)
    {
        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(service, handler));
        Assert.True(error.StatusCode is StatusCode.Unavailable or StatusCode.Internal, error.Status.ToString());
    }
}
