using System.Buffers;
using System.Net;
using System.Net.Sockets;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests;

public sealed class BindingTests
{
    [Fact]
    public async Task HandWrittenBase_OwnMarshaller_SeesPayloadAndWritesStraightOut()
    {
        await using EchoHost host = await EchoHost.StartAsync(map: app => app.MapGrpcService<Reverser>());
        CallInvoker invoker = host.CreateChannel().CreateCallInvoker();

        byte[] reply = await invoker.AsyncUnaryCall(ReverserBase.Method, null, default, [1, 2, 3]).ResponseAsync.Soon();
        byte[] empty = await invoker.AsyncUnaryCall(ReverserBase.Method, null, default, []).ResponseAsync.Soon();

        Assert.Equal([3, 2, 1], reply);
        Assert.Empty(empty);
    }

    [Fact]
    public async Task Service_WithScopedDependency_GetsOneForEachCallAndIsDisposed()
    {
        await using EchoHost host = await EchoHost.StartAsync(
            services: services => services.AddScoped<Scoped>(), map: app => app.MapGrpcService<ScopedReverser>());
        CallInvoker invoker = host.CreateChannel().CreateCallInvoker();

        byte[] first = await invoker.AsyncUnaryCall(ScopedReverserBase.Method, null, default, []).ResponseAsync.Soon();
        byte[] second = await invoker.AsyncUnaryCall(ScopedReverserBase.Method, null, default, []).ResponseAsync.Soon();

        Assert.NotEqual(first, second);
        Assert.True(ScopedReverser.Disposed >= 1);
    }

    [Fact]
    public async Task MapGrpcService_ClassWithoutBinding_IsRefused()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        Assert.Throws<InvalidOperationException>(() => host.App.MapGrpcService<Scoped>());
    }

    [Fact]
    public void MapGrpcService_WithoutAddGrpc_IsRefused()
    {
        WebApplication app = WebApplication.CreateSlimBuilder().Build();

        Assert.Throws<InvalidOperationException>(() => app.MapGrpcService<EchoService>());
    }

    [Fact]
    public async Task Marshaller_WritesLessThanAnnounced_StreamIsResetAndServerLives()
    {
        await using EchoHost host = await EchoHost.StartAsync(map: app => app.MapGrpcService<Liar>());
        host.ExpectsErrors = true;
        CallInvoker invoker = host.CreateChannel().CreateCallInvoker();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => invoker.AsyncUnaryCall(LiarBase.Method, null, default, []).ResponseAsync.Soon());
        EchoMessage reply = await new Echo.EchoClient(invoker).UnaryAsync(new EchoMessage { Text = "alive" }).ResponseAsync.Soon();

        Assert.Equal(StatusCode.Internal, exception.StatusCode);
        Assert.Equal("alive", reply.Text);
    }

    [Fact]
    public async Task UnixSocket_ByConnectCallback_Works()
    {
        string path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.sock");
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.ListenUnixSocket(path, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        EchoScript script = new();
        string? peer = null;
        script.Unary = (request, context) =>
        {
            peer = context.Peer;
            return Task.FromResult(request);
        };
        builder.Services.AddSingleton(script);
        await using WebApplication app = builder.Build();
        app.MapGrpcService<EchoService>();
        await app.StartAsync();
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", new GrpcChannelOptions
        {
            DisposeHttpClient = true,
            HttpHandler = new SocketsHttpHandler
            {
                ConnectCallback = async (_, cancellationToken) =>
                {
                    Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                    await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellationToken);
                    return new NetworkStream(socket, ownsSocket: true);
                },
            },
        });

        EchoMessage reply = await new Echo.EchoClient(channel).UnaryAsync(new EchoMessage { Text = "unix" }).ResponseAsync.Soon();

        Assert.Equal("unix", reply.Text);
        Assert.StartsWith("unix:", peer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized, StatusCode.Unauthenticated)]
    [InlineData(HttpStatusCode.Forbidden, StatusCode.PermissionDenied)]
    [InlineData(HttpStatusCode.NotFound, StatusCode.Unimplemented)]
    [InlineData(HttpStatusCode.ServiceUnavailable, StatusCode.Unavailable)]
    [InlineData(HttpStatusCode.InternalServerError, StatusCode.Unknown)]
    [InlineData(HttpStatusCode.OK, StatusCode.Unknown)]
    public async Task Response_ThatIsNotGrpc_HasTheStatusOfItsHttpStatus(HttpStatusCode httpStatus, StatusCode expected)
    {
        await using EchoHost host = await EchoHost.StartAsync(map: app => app.MapPost(ReverserBase.Method.FullName, async context =>
        {
            context.Response.StatusCode = (int)httpStatus;
            context.Response.ContentType = "text/html";
            await context.Response.Body.WriteAsync("<html>"u8.ToArray());
        }));

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => host.CreateChannel().CreateCallInvoker()
            .AsyncUnaryCall(ReverserBase.Method, null, default, []).ResponseAsync.Soon());

        Assert.Equal(expected, exception.StatusCode);
    }

    private static Marshaller<byte[]> Bytes { get; } = Marshallers.Create<byte[]>(
        (message, context) =>
        {
            context.SetPayloadLength(message.Length);
            context.GetBufferWriter().Write(message);
            context.Complete();
        },
        context => context.PayloadAsReadOnlySequence().ToArray());

    [BindServiceMethod(typeof(ReverserBase), nameof(Bind))]
    public abstract class ReverserBase
    {
        public static readonly Method<byte[], byte[]> Method = new(
            MethodType.Unary, "grpc_runtime.test.Reverser", nameof(Reverse), Bytes, Bytes);

        public static void Bind(ServiceBinderBase binder, ReverserBase? service) => binder.AddMethod(
            Method, service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Reverse));

        public abstract Task<byte[]> Reverse(byte[] request, ServerCallContext context);
    }

    public sealed class Reverser : ReverserBase
    {
        public override Task<byte[]> Reverse(byte[] request, ServerCallContext context) => Task.FromResult(request.Reverse().ToArray());
    }

    [BindServiceMethod(typeof(ScopedReverserBase), nameof(Bind))]
    public abstract class ScopedReverserBase
    {
        public static readonly Method<byte[], byte[]> Method = new(
            MethodType.Unary, "grpc_runtime.test.Scoped", nameof(Identify), Bytes, Bytes);

        public static void Bind(ServiceBinderBase binder, ScopedReverserBase? service) => binder.AddMethod(
            Method, service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Identify));

        public abstract Task<byte[]> Identify(byte[] request, ServerCallContext context);
    }

    public sealed class ScopedReverser(Scoped scoped) : ScopedReverserBase, IDisposable
    {
        private static int _disposed;

        public static int Disposed => Volatile.Read(ref _disposed);

        public override Task<byte[]> Identify(byte[] request, ServerCallContext context)
        {
            Assert.Same(scoped, context.GetHttpContext().RequestServices.GetRequiredService<Scoped>());
            return Task.FromResult(scoped.Id.ToByteArray());
        }

        public void Dispose() => Interlocked.Increment(ref _disposed);
    }

    public sealed class Scoped
    {
        public Guid Id { get; } = Guid.NewGuid();
    }

    [BindServiceMethod(typeof(LiarBase), nameof(Bind))]
    public abstract class LiarBase
    {
        public static readonly Method<byte[], byte[]> Method = new(
            MethodType.Unary,
            "grpc_runtime.test.Liar",
            nameof(Lie),
            Bytes,
            Marshallers.Create<byte[]>(
                (_, context) =>
                {
                    context.SetPayloadLength(10);
                    context.GetBufferWriter().Write<byte>([1, 2, 3]);
                    context.Complete();
                },
                context => context.PayloadAsNewBuffer()));

        public static void Bind(ServiceBinderBase binder, LiarBase? service) => binder.AddMethod(
            Method, service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Lie));

        public abstract Task<byte[]> Lie(byte[] request, ServerCallContext context);
    }

    public sealed class Liar : LiarBase
    {
        public override Task<byte[]> Lie(byte[] request, ServerCallContext context) => Task.FromResult(request);
    }
}
