using System.Net;
using System.Net.Sockets;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Tests;

public sealed class WaitForReadyTests
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly ManualTime _time = new();
    private int _connects;

    /// <summary>Where a connection goes; null is nowhere.</summary>
    private IPEndPoint? _server;

    [Theory]
    [InlineData(MethodType.Unary)]
    [InlineData(MethodType.DuplexStreaming)]
    public async Task ServerComesLate_CallGoesOn(MethodType shape)
    {
        using GrpcChannel channel = CreateChannel();
        Echo.EchoClient client = new(channel);
        CallOptions options = new CallOptions(deadline: _time.GetUtcNow().UtcDateTime.AddHours(1)).WithWaitForReady();
        Task<string> call = shape == MethodType.Unary ? UnaryAsync(client, options) : DuplexAsync(client, options);

        await _time.WhenWaiting(Pause).Soon();
        _time.Advance(Pause);
        await _time.WhenWaiting(1.6 * Pause).Soon();
        await using EchoHost host = await EchoHost.StartAsync();
        string? timeout = null;
        host.Script.Unary = (request, context) =>
        {
            timeout = context.GetHttpContext().Request.Headers["grpc-timeout"];
            return Task.FromResult(request);
        };
        _server = new IPEndPoint(IPAddress.Loopback, new Uri(host.Address).Port);
        _time.Advance(1.6 * Pause);

        Assert.Equal("x", await call.Soon());
        Assert.Equal(3, _connects);
        if (shape == MethodType.Unary)
        {
            // Microseconds of an hour have more than eight digits, so these are milliseconds: 3600 - 2.6 seconds.
            Assert.Equal("3597400m", timeout);
        }
    }

    [Fact]
    public async Task NoServerComes_DeadlineEndsTheCall()
    {
        using GrpcChannel channel = CreateChannel();
        CallOptions options = new CallOptions(deadline: _time.GetUtcNow().UtcDateTime.AddSeconds(0.5)).WithWaitForReady();
        using AsyncUnaryCall<EchoMessage> call = new Echo.EchoClient(channel).UnaryAsync(new EchoMessage(), options);
        await _time.WhenWaiting(Pause).Soon();

        _time.Advance(Pause / 2);

        Assert.Equal(StatusCode.DeadlineExceeded, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon())).StatusCode);
        Assert.Equal(0, _time.Waiting);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task NotAskedFor_NoServer_IsUnavailable(bool isWithdrawn)
    {
        using GrpcChannel channel = CreateChannel();
        CallOptions options = isWithdrawn ? new CallOptions().WithWaitForReady().WithWaitForReady(false) : default;

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => new Echo.EchoClient(channel).UnaryAsync(new EchoMessage(), options).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.Equal(1, _connects);
    }

    [Fact]
    public async Task ServerAnswersUnavailable_IsNotWaitedFor()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        int calls = 0;
        host.Script.Unary = (_, _) =>
        {
            calls++;
            throw Retries.Unavailable();
        };

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => host.CreateClient()
            .UnaryAsync(new EchoMessage(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.Equal(1, calls);
    }

    [Theory]
    [InlineData(SocketShutdown.Send)]
    [InlineData(SocketShutdown.Both)]
    public async Task ConnectionBreaksUnderTheRequest_IsNotSentAgain(SocketShutdown how)
    {
        int requests = 0;
        await using FrameServer server = new((_, connection, _) =>
        {
            requests++;
            connection.Socket.Shutdown(how);
            return Task.CompletedTask;
        });
        using GrpcChannel channel = GrpcChannel.ForAddress(server.Address);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => new Echo.EchoClient(channel)
            .UnaryAsync(new EchoMessage(), new CallOptions().WithWaitForReady()).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.Equal(1, requests);
    }

    [Fact]
    public async Task ConnectTimeout_IsWaitedFor()
    {
        using SocketsHttpHandler handler = new()
        {
            ConnectTimeout = TimeSpan.FromMilliseconds(1),
            ConnectCallback = async (_, cancellationToken) =>
            {
                await cancellationToken.WhenCancelled();
                throw new OperationCanceledException(cancellationToken);
            },
        };
        using GrpcChannel channel = CreateChannel(handler);
        using AsyncUnaryCall<EchoMessage> call = new Echo.EchoClient(channel)
            .UnaryAsync(new EchoMessage(), new CallOptions().WithWaitForReady());

        await _time.WhenWaiting(Pause).Soon();

        Assert.False(call.ResponseAsync.IsCompleted);
    }

    private static async Task<string> UnaryAsync(Echo.EchoClient client, CallOptions options) =>
        (await client.UnaryAsync(new EchoMessage { Text = "x" }, options)).Text;

    private static async Task<string> DuplexAsync(Echo.EchoClient client, CallOptions options)
    {
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = client.Duplex(options);
        await call.RequestStream.WriteAsync(new EchoMessage { Text = "x" });
        Assert.True(await call.ResponseStream.MoveNext());
        return call.ResponseStream.Current.Text;
    }

    private GrpcChannel CreateChannel(HttpMessageHandler? handler = null) => GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
    {
        HttpHandler = handler ?? new SocketsHttpHandler { ConnectCallback = ConnectAsync },
        DisposeHttpClient = true,
        TimeProvider = _time,
        NextRandom = () => 0.5,
    });

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        _connects++;
        if (_server is null)
        {
            throw new SocketException((int)SocketError.ConnectionRefused);
        }

        Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(_server, cancellationToken);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
