using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Adam.Service.Tests.Attacks;
using Adam.Service.Tests.Support;
using Grpc.Core;

namespace Adam.Service.Tests.Tls;

/// <summary>The service shows who it is, and nothing travels in cleartext.</summary>
public sealed class ServerCertificateTests : TlsTest
{
    [Fact]
    public async Task Train_OverTls_IsAsWithout()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Authority.Client(), Folder.Settings);
        float[] initial = Floats.Random(600, 1), gradient = Floats.Random(600, 2);
        await service.CreateAsync(Requests.Create("s", initial));
        using var stream = await TrainClient.OpenAsync(service, "s");

        var answer = await stream.StepAsync(1, gradient);

        Assert.StartsWith("https://127.0.0.1:", service.GrpcUrl, StringComparison.Ordinal);
        Bits.AssertSame(new Replica(initial).Apply(gradient).Weights(), answer.Tensor(0), "t0");
    }

    [Fact]
    public async Task Call_AuthorityThatTheClientDoesNotTrust_Fails()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.Settings);
        using var other = new TestAuthority();

        var error = await Assert.ThrowsAsync<RpcException>(() => CallAsync(service, other.Client()));

        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Connect_InCleartext_IsClosedWithoutAnAnswer()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.Settings);
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl.Replace("https", "http", StringComparison.Ordinal));

        Assert.Equal(ConnectionEnd.Closed, await connection.WaitForEndAsync());
    }

    [Fact]
    public async Task Connect_WithoutHttp2InAlpn_IsClosed()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.Settings);
        using var client = new HttpClient(Authority.Client());

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri(service.GrpcUrl)));

        Assert.NotEqual(HttpRequestError.NameResolutionError, error.HttpRequestError);
    }

    [Theory]
    [InlineData("1.2", SslProtocols.Tls12, true)]
    [InlineData("1.2", SslProtocols.Tls13, true)]
    [InlineData("1.3", SslProtocols.Tls12, false)]
    [InlineData("1.3", SslProtocols.Tls13, true)]
    public async Task Connect_VersionOfTls_IsTheMinimumAtLeast(string minimum, SslProtocols version, bool isAccepted)
    {
        WriteFiles();
        await using var service = await TestService.StartAsync([.. Folder.Settings, ("Tls:MinimumVersion", minimum)]);
        var handler = Authority.Client();
        handler.SslOptions.EnabledSslProtocols = version;

        var error = await Record.ExceptionAsync(() => CallAsync(service, handler));

        Assert.Equal(isAccepted, error is null);
    }

    [Fact]
    public async Task Flood_OverTls_IsSeenByTheGuard()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.Settings);
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);

        await connection.FloodAsync(_ => Frames.Repeat(Frames.Ping, 50), perTurn: 50, framesMax: 1400, paced: true);

        Assert.Equal(ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm), await connection.WaitForEndAsync());
    }

    [Fact]
    public async Task Handshake_ThatNeverBegins_IsCutOff()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync([.. Folder.Settings, ("Http2:PrefaceSeconds", "0.2")]);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(service.GrpcUrl).Port);

        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.Equal(0, await socket.ReceiveAsync(new byte[1], giveUp.Token));
    }

    [Fact]
    public async Task Files_ThatChange_AreShownToNewConnectionsAndKeepTheOldOnes()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Authority.Client(), Folder.Settings);
        float[] initial = Floats.Random(60, 1), gradient = Floats.Random(60, 2);
        await service.CreateAsync(Requests.Create("s", initial));
        using var stream = await TrainClient.OpenAsync(service, "s");
        await stream.StepAsync(1, gradient);
        using var next = Authority.CertifyServer();

        Folder.Write(next);
        await Eventually.EqualAsync(next.SerialNumber, () => SerialNumberAsync(service));

        await stream.StepAsync(2, gradient);
        await stream.CloseAsync();
    }

    [Fact]
    public async Task Files_ThatBecomeUnusable_ChangeNothingUntilTheyAreGood()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Folder.Settings);
        var certificates = service.Get<Adam.Service.Tls.TlsCertificates>();
        var before = await SerialNumberAsync(service);
        using var next = Authority.CertifyServer();

        await File.WriteAllTextAsync(Folder.CertificatePath, next.ExportCertificatePem());
        certificates.Reload();
        var withoutItsKey = await SerialNumberAsync(service);
        File.Delete(Folder.CertificatePath);
        certificates.Reload();
        var withoutAFile = await SerialNumberAsync(service);
        Folder.Write(next);
        certificates.Reload();

        Assert.Equal((before, before), (withoutItsKey, withoutAFile));
        Assert.Equal(next.SerialNumber, await SerialNumberAsync(service));
    }

    private static async Task<string> SerialNumberAsync(TestService service)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(service.GrpcUrl).Port);
        await using var stream = new SslStream(client.GetStream(), false, (_, certificate, _, _) => certificate is not null);
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            ApplicationProtocols = [SslApplicationProtocol.Http2],
            TargetHost = "localhost",
        });
        using var shown = new X509Certificate2(stream.RemoteCertificate!);
        return shown.SerialNumber;
    }
}
