using System.Net;
using System.Net.Sockets;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace AdamGrpc.Tests;

public sealed class ClientOutcomeTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SuccessWithoutTheOnlyResponse_IsUnimplementedEverywhere(bool isTrailersOnly)
    {
        using StubHandler handler = new((_, _) =>
        {
            HttpResponseMessage response = StubHandler.Response();
            (isTrailersOnly ? response.Headers : response.TrailingHeaders).TryAddWithoutValidation("grpc-status", "0");
            return Task.FromResult(response);
        });
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        using AsyncUnaryCall<EchoMessage> call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage());

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unimplemented, exception.StatusCode);
        Assert.Equal(StatusCode.Unimplemented, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ResponseThatCannotBeRead_AfterTheStatusWasFound_IsNoEndOfTheStream()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Duplex = (_, responses, _) => responses.WriteAsync(new EchoMessage { Data = ByteString.CopyFrom(new byte[1000]) });
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host
            .CreateClient(options => options.MaxReceiveMessageSize = 100).Duplex();
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            while (true)
            {
                await call.RequestStream.WriteAsync(new EchoMessage()).Soon();
            }
        });

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().Soon());

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task ResetWithoutError_AfterAnAnswer_IsInternal()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource release = Waiting.Point();
        host.Script.ServerStream = async (_, responses, context) =>
        {
            await responses.WriteAsync(new EchoMessage());
            await release.Task;
            context.GetHttpContext().Features.Get<IHttpResetFeature>()!.Reset(0);
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());
        Assert.True(await call.ResponseStream.MoveNext().Soon());

        release.SetResult();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext().Soon());
        Assert.Equal(StatusCode.Internal, exception.StatusCode);
    }

    [Theory]
    [InlineData(HttpRequestError.Unknown, StatusCode.Unavailable)]
    [InlineData(HttpRequestError.ConnectionError, StatusCode.Unavailable)]
    [InlineData(HttpRequestError.VersionNegotiationError, StatusCode.Internal)]
    [InlineData(HttpRequestError.InvalidResponse, StatusCode.Internal)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, StatusCode.Internal)]
    [InlineData(HttpRequestError.ExtendedConnectNotSupported, StatusCode.Internal)]
    [InlineData(HttpRequestError.UserAuthenticationError, StatusCode.Internal)]
    public void HttpRequestError_HasItsStatus(HttpRequestError error, StatusCode expected) =>
        Assert.Equal(expected, HttpErrors.ToStatus(new HttpRequestException(error), isAnswered: false).StatusCode);

    [Fact]
    public async Task ConnectionThatEndsInItsHandshake_IsUnavailable()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        Task closing = CloseFirstAsync(listener);
        using GrpcChannel channel = GrpcChannel.ForAddress($"http://{listener.LocalEndpoint}");

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        await closing.Soon();
    }

    [Theory]
    [InlineData(false, StatusCode.Unavailable)]
    [InlineData(true, StatusCode.Internal)]
    public void NoErrorCode_IsAShutdownOnlyBeforeAnAnswer(bool isAnswered, StatusCode expected) =>
        Assert.Equal(expected, HttpErrors.ToStatus(new HttpProtocolException(0, "", null), isAnswered).StatusCode);

    [Fact]
    public async Task MalformedBinaryMetadata_IsLeftOutAndTheCallSucceeds()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            HttpResponse response = context.GetHttpContext().Response;
            response.Headers["a-bin"] = "!";
            response.Headers["b-bin"] = "AQ";
            response.AppendTrailer("c-bin", "!");
            return Task.FromResult(request);
        };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient().UnaryAsync(new EchoMessage { Text = "x" });

        Assert.Equal("x", (await call.ResponseAsync.Soon()).Text);
        Metadata headers = await call.ResponseHeadersAsync.Soon();
        Assert.Null(headers.Get("a-bin"));
        Assert.Equal([1], headers.GetValueBytes("b-bin"));
        Assert.Null(call.GetTrailers().Get("c-bin"));
    }

    [Fact]
    public void Dispose_HandlerThrowsOnCancellation_IsNotTheCallersTrouble()
    {
        using StubHandler handler = new((_, cancellationToken) =>
        {
            cancellationToken.UnsafeRegister(static _ => throw new FormatException("from a handler"), null);
            return new TaskCompletionSource<HttpResponseMessage>().Task;
        });
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions { HttpHandler = handler });
        AsyncUnaryCall<EchoMessage> call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage());

        call.Dispose();

        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
    }

    /// <summary>Reads the beginning of what a client says, and hangs up in order.</summary>
    private static async Task CloseFirstAsync(TcpListener listener)
    {
        using Socket socket = await listener.AcceptSocketAsync();
        await socket.ReceiveAsync(new byte[1024]);
        socket.Shutdown(SocketShutdown.Send);
        while (await socket.ReceiveAsync(new byte[1024]) > 0)
        {
        }
    }
}
