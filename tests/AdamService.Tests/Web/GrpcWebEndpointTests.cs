using System.Net;
using System.Net.Sockets;
using System.Text;
using Adam.Service.Tests.Attacks;
using Adam.Service.Tests.Support;
using Adam.Service.Tests.Tls;

namespace Adam.Service.Tests.Web;

/// <summary>gRPC-Web in the service: where it is spoken, for which pages, and that nobody can hold it up.</summary>
public sealed class GrpcWebEndpointTests : TlsTest
{
    private const string Origin = "https://page.example";
    private const string ListSessions = "/adam.v1.Sessions/ListSessions";

    // An empty request; an empty response, and a frame of trailers.
    private static readonly byte[] Request = [0, 0, 0, 0, 0];
    private static readonly byte[] Response = [0, 0, 0, 0, 0, 0x80, 0, 0, 0, 16, .. "grpc-status: 0\r\n"u8];

    private static readonly (string Name, string Value)[] OwnAddress =
    [
        ("GrpcWeb:Enabled", "true"),
        ("GrpcWeb:Url", "http://127.0.0.1:0"),
        ("GrpcWeb:AllowedOrigins:0", Origin),
    ];

    [Fact]
    public async Task Call_OnItsOwnAddress_IsServed()
    {
        await using var service = await TestService.StartAsync(OwnAddress);
        using var client = new HttpClient();

        using var response = await client.SendAsync(Post(service.GrpcWebUrl!));

        Assert.Equal("application/grpc-web", response.Content.Headers.ContentType!.ToString());
        var body = await response.Content.ReadAsByteArrayAsync();
        Assert.Equal(Response, body);
    }

    [Fact]
    public async Task Call_OnAnotherAddress_IsNot()
    {
        await using var service = await TestService.StartAsync(OwnAddress);
        using var client = new HttpClient();

        using var onProbes = await client.SendAsync(Post(service.HttpUrl.ToString().TrimEnd('/')));
        using var onGrpc = await client.SendAsync(Post(service.GrpcUrl, HttpVersion.Version20));

        Assert.Equal((HttpStatusCode.UnsupportedMediaType, HttpStatusCode.UnsupportedMediaType), (onProbes.StatusCode, onGrpc.StatusCode));
    }

    [Fact]
    public async Task Call_ByDefault_IsNotServed()
    {
        await using var service = await TestService.StartAsync();
        using var client = new HttpClient();

        using var response = await client.SendAsync(Post(service.GrpcUrl, HttpVersion.Version20));

        Assert.Null(service.GrpcWebUrl);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
    }

    [Fact]
    public async Task Call_OnTheAddressOfGrpc_IsServedOverBothVersionsBesideGrpc()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync(Authority.Client(), [.. Folder.Settings, ("GrpcWeb:Enabled", "true")]);
        using var client = new HttpClient(Authority.Client());

        foreach (var version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var response = await client.SendAsync(Post(service.GrpcUrl, version));
            var body = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal(version, response.Version);
            Assert.Equal(Response, body);
        }

        await service.CreateAsync(Requests.Create("s", Floats.Random(6, 1)));
        Assert.Null(service.GrpcWebUrl);
    }

    [Fact]
    public async Task Flood_OnTheAddressThatBothShare_IsSeenByTheGuard()
    {
        WriteFiles();
        await using var service = await TestService.StartAsync([.. Folder.Settings, ("GrpcWeb:Enabled", "true")]);
        await using var connection = await RawConnection.OpenAsync(service.GrpcUrl);

        await connection.FloodAsync(_ => Frames.Repeat(Frames.Ping, 50), perTurn: 50, framesMax: 1400, paced: true);

        // Who still writes when the other side closes may find the connection reset before it has read the GOAWAY.
        Assert.Contains(await connection.WaitForEndAsync(), new[] { ConnectionEnd.WentAway(ConnectionEnd.EnhanceYourCalm), ConnectionEnd.Closed });
    }

    [Fact]
    public async Task Call_OfAnAllowedPage_ShowsItTheStatus()
    {
        await using var service = await TestService.StartAsync(OwnAddress);
        using var client = new HttpClient();
        using var request = Post(service.GrpcWebUrl!);
        request.Headers.Add("origin", Origin);

        using var response = await client.SendAsync(request);

        Assert.Equal([Origin], response.Headers.GetValues("access-control-allow-origin"));
        Assert.Equal(
            ["Grpc-Status,Grpc-Message,Grpc-Status-Details-Bin,Grpc-Encoding,Grpc-Accept-Encoding"],
            response.Headers.GetValues("access-control-expose-headers"));
    }

    [Theory]
    [InlineData(Origin, true)]
    [InlineData("https://other.example", false)]
    [InlineData("http://page.example", false)]
    public async Task Preflight_Page_IsAllowedIfItIsListed(string origin, bool isAllowed)
    {
        await using var service = await TestService.StartAsync(OwnAddress);
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Options, service.GrpcWebUrl + ListSessions);
        request.Headers.Add("origin", origin);
        request.Headers.Add("access-control-request-method", "POST");
        request.Headers.Add("access-control-request-headers", "content-type,x-grpc-web,x-anything");

        using var response = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.NoContent, response.StatusCode);
        Assert.Equal(isAllowed, response.Headers.Contains("access-control-allow-origin"));
        if (isAllowed)
        {
            Assert.Equal(["POST"], response.Headers.GetValues("access-control-allow-methods"));
            Assert.Equal(["content-type,x-grpc-web,x-anything"], response.Headers.GetValues("access-control-allow-headers"));
            Assert.Equal(["600"], response.Headers.GetValues("access-control-max-age"));
        }
    }

    [Fact]
    public async Task Request_ThatStops_EndsItsConnection()
    {
        await using var service = await TestService.StartAsync([.. OwnAddress, ("Http2:CallIdleSeconds", "1.2")]);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, new Uri(service.GrpcWebUrl!).Port);
        await socket.SendAsync(Encoding.ASCII.GetBytes(
            $"POST {ListSessions} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/grpc-web\r\nContent-Length: 5\r\n\r\n\0\0"));

        // Whatever is said of it comes before the end.
        using var giveUp = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var buffer = new byte[4096];
        while (await ReceiveAsync() > 0)
        {
        }

        async Task<int> ReceiveAsync()
        {
            try
            {
                return await socket.ReceiveAsync(buffer, giveUp.Token);
            }
            catch (SocketException reset) when (reset.SocketErrorCode == SocketError.ConnectionReset)
            {
                return 0;
            }
        }
    }

    private static HttpRequestMessage Post(string url, Version? version = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url + ListSessions)
        {
            Version = version ?? HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Request),
        };
        request.Content.Headers.ContentType = new("application/grpc-web");
        return request;
    }
}
