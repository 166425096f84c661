using System.Net;
using System.Text;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace AdamGrpc.Tests.Web;

/// <summary>gRPC-Web, byte for byte: what a browser sends and what it gets.</summary>
public sealed class GrpcWebTests
{
    /// <summary>Flag 0, length 4; field 1 (text), length 2, "hi".</summary>
    private static readonly byte[] Hi = [0, 0, 0, 0, 4, 0x0A, 2, (byte)'h', (byte)'i'];

    private static readonly byte[] Ok = WebCall.Trailers("grpc-status: 0\r\n");

    [Theory]
    [InlineData("application/grpc-web")]
    [InlineData("application/grpc-web+proto")]
    [InlineData("application/grpc-web; charset=utf-8")]
    public async Task Unary_OverHttp1_TrailersAreTheLastFrame(string contentType)
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Hi, contentType);

        Assert.Equal((HttpStatusCode.OK, "application/grpc-web"), (call.Response.StatusCode, call.ContentType));
        Assert.Equal([.. Hi, 0x80, 0, 0, 0, 16, .. "grpc-status: 0\r\n"u8], call.Body);
        Assert.Null(call.HeaderStatus);
    }

    [Fact]
    public async Task Unary_OverHttp2_HasNoTrailersOfHttp()
    {
        await using EchoHost host = await StartAsync(HttpProtocols.Http2);

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Hi, version: HttpVersion.Version20);

        Assert.Equal([.. Hi, .. Ok], call.Body);
        Assert.Empty(call.Response.TrailingHeaders);
    }

    [Fact]
    public async Task Unary_AsText_IsBase64BothWays()
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, "AAAAAAQKAmhp"u8.ToArray(), WebCall.Text, accept: WebCall.Text);

        Assert.Equal("application/grpc-web-text", call.ContentType);
        Assert.Equal("AAAAAAQKAmhpgAAAABBncnBjLXN0YXR1czogMA0K", call.BodyText);
    }

    [Theory]
    [InlineData(WebCall.Binary, WebCall.Text, "application/grpc-web-text")]
    [InlineData(WebCall.Binary, "*/*", "application/grpc-web")]
    public async Task Unary_Accept_DecidesOnTheResponse(string contentType, string accept, string expected)
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Hi, contentType, accept);

        Assert.Equal(expected, call.ContentType);
    }

    // "AAAAAA==" is the beginning of the prefix, "BAoCaGk=" its end and the message.
    [Theory]
    [InlineData("AAAAAA==BAoCaGk=")]
    [InlineData("AA==AA==AA==AA==BA==Cg==Ag==aA==aQ==")]
    public async Task Unary_PiecesWithPaddingOfTheirOwn_AreOneRequest(string text)
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Encoding.ASCII.GetBytes(text), WebCall.Text);

        Assert.Equal([.. Hi, .. Ok], call.Body);
    }

    [Theory]
    [InlineData("AAAA*AQKAmhp")]
    [InlineData("AAAAAAQKAmh")]
    [InlineData("AAAAAAQKAmhpA")]
    [InlineData("AAAA AAQ KAmhp  ")]
    [InlineData("=AAAAAQKAmhp")]
    public async Task Unary_TextThatIsNoBase64_IsRefused(string text)
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Encoding.ASCII.GetBytes(text), WebCall.Text);

        Assert.Equal(("13", "The request is not in base64."), (call.HeaderStatus, call.Header("grpc-message")));
        Assert.Empty(call.Body);
    }

    [Fact]
    public async Task ServerStream_AsText_EachFlushIsAPieceOfItsOwn()
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, RawCall.ServerStream, "AAAAAAQKAmhp"u8.ToArray(), WebCall.Text, WebCall.Text);

        string Piece(char letter) => Convert.ToBase64String([0, 0, 0, 0, 3, 0x0A, 1, (byte)letter]);
        Assert.Equal(Piece('h') + Piece('i') + Convert.ToBase64String(Ok), call.BodyText);
    }

    [Fact]
    public async Task ServerStream_MessagesThatAreFlushed_ComeBeforeTheEnd()
    {
        await using EchoHost host = await StartAsync();
        TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        host.Script.ServerStream = async (request, responses, _) =>
        {
            await responses.WriteAsync(request);
            await seen.Task;
        };
        using HttpClient http = new();
        using HttpRequestMessage request = new(HttpMethod.Post, host.Address + RawCall.ServerStream) { Content = new ByteArrayContent(Hi) };
        request.Content.Headers.TryAddWithoutValidation("content-type", WebCall.Binary);

        using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).Soon();
        Stream body = await response.Content.ReadAsStreamAsync();
        byte[] message = new byte[Hi.Length];
        await body.ReadExactlyAsync(message).AsTask().Soon();
        seen.SetResult();
        byte[] rest = new byte[Ok.Length];
        await body.ReadExactlyAsync(rest).AsTask().Soon();

        Assert.Equal(Hi, message);
        Assert.Equal(Ok, rest);
        Assert.Equal(0, await body.ReadAsync(rest));
    }

    [Theory]
    [InlineData(WebCall.Binary)]
    [InlineData(WebCall.Text)]
    public async Task Failure_BeforeAnyMessage_IsInTheHeaders(string accept)
    {
        await using EchoHost host = await StartAsync();
        host.Script.Unary = (_, _) => throw new RpcException(new Status(StatusCode.NotFound, "no such\nthing"));

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Hi, accept: accept);

        Assert.Equal(("5", "no such%0Athing", accept), (call.HeaderStatus, call.Header("grpc-message"), call.ContentType));
        Assert.Empty(call.Body);
    }

    [Fact]
    public async Task Failure_AfterAMessage_IsInTheLastFrameWithTheTrailers()
    {
        await using EchoHost host = await StartAsync();
        host.Script.ServerStream = async (request, responses, context) =>
        {
            await responses.WriteAsync(request);
            context.ResponseTrailers.Add("Some-Key", "some value");
            throw new RpcException(new Status(StatusCode.Aborted, "enough"));
        };

        WebCall call = await WebCall.SendAsync(host, RawCall.ServerStream, Hi);

        Assert.Equal([.. Hi, .. WebCall.Trailers("some-key: some value\r\ngrpc-status: 10\r\ngrpc-message: enough\r\n")], call.Body);
    }

    [Theory]
    [InlineData("a\r\ngrpc-status: 0")]
    [InlineData("höher")]
    public async Task Trailers_CharactersThatWouldBreakTheFrame_AreNotSent(string value)
    {
        await using EchoHost host = await StartAsync();
        host.ExpectsErrors = true;
        host.Script.ServerStream = async (request, responses, context) =>
        {
            await responses.WriteAsync(request);
            context.ResponseTrailers.Add("key", value);
        };

        WebCall call = await WebCall.SendAsync(host, RawCall.ServerStream, Hi);

        Assert.Equal(
            [
                .. Hi,
                .. WebCall.Trailers(
                    "grpc-status: 13\r\ngrpc-message: The trailers of the call contain characters that cannot be sent.\r\n"),
            ],
            call.Body);
    }

    [Fact]
    public async Task Deadline_Passed_IsInTheHeaders()
    {
        await using EchoHost host = await StartAsync();
        host.Script.Unary = async (request, context) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.CancellationToken);
            return request;
        };

        WebCall call = await WebCall.SendAsync(host, RawCall.Unary, Hi, timeout: "20m");

        Assert.Equal("4", call.HeaderStatus);
    }

    [Theory]
    [InlineData("/grpc_runtime.test.Echo/Nothing", "Method is unimplemented.")]
    [InlineData("/grpc_runtime.test.Nobody/Unary", "Service is unimplemented.")]
    public async Task UnknownMethod_IsUnimplemented(string path, string message)
    {
        await using EchoHost host = await StartAsync();

        WebCall call = await WebCall.SendAsync(host, path, Hi);

        Assert.Equal(("12", message, "application/grpc-web"), (call.HeaderStatus, call.Header("grpc-message"), call.ContentType));
    }

    [Fact]
    public async Task LongMessages_AsText_ComeWhole()
    {
        await using EchoHost host = await StartAsync();
        byte[] request = new EchoFrame(new string('x', 100_000)).Bytes;

        WebCall call = await WebCall.SendAsync(
            host, RawCall.Unary, Encoding.ASCII.GetBytes(Convert.ToBase64String(request)), WebCall.Text, WebCall.Text);

        byte[] body = Convert.FromBase64String(call.BodyText);
        Assert.Equal([.. request, .. Ok], body);
    }

    [Fact]
    public async Task Requests_OneAfterAnother_UseTheSameConnection()
    {
        await using EchoHost host = await StartAsync();
        HashSet<string> connections = [];
        host.Script.Unary = (request, context) =>
        {
            connections.Add(context.Peer);
            return Task.FromResult(request);
        };
        using HttpClient http = new();
        for (int i = 0; i < 3; i++)
        {
            using ByteArrayContent content = new(Hi);
            content.Headers.TryAddWithoutValidation("content-type", WebCall.Binary);
            using HttpResponseMessage response = await http.PostAsync(new Uri(host.Address + RawCall.Unary), content).Soon();
            byte[] body = await response.Content.ReadAsByteArrayAsync();
            Assert.Equal([.. Hi, .. Ok], body);
        }

        Assert.Single(connections);
    }

    internal static Task<EchoHost> StartAsync(
        HttpProtocols protocols = HttpProtocols.Http1, bool defaultEnabled = true, Action<GrpcServiceEndpointConventionBuilder>? conventions = null) =>
        EchoHost.StartAsync(
            map: app => app.UseGrpcWeb(new GrpcWebOptions { DefaultEnabled = defaultEnabled }), protocols: protocols, conventions: conventions);

    private sealed record EchoFrame(string Text)
    {
        public byte[] Bytes
        {
            get
            {
                byte[] payload = Google.Protobuf.MessageExtensions.ToByteArray(new EchoMessage { Text = Text });
                return [0, (byte)(payload.Length >> 24), (byte)(payload.Length >> 16), (byte)(payload.Length >> 8), (byte)payload.Length, .. payload];
            }
        }
    }
}
