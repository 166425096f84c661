using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests;

public sealed class ServerInterceptorTests
{
    private readonly List<string> _log = [];

    [Fact]
    public async Task AllShapes_PassTheInterceptor()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.Interceptors.Add<ServerNoting>(_log, "a"));
        Echo.EchoClient client = host.CreateClient();

        await client.UnaryAsync(new EchoMessage()).ResponseAsync.Soon();
        using AsyncServerStreamingCall<EchoMessage> serverStream = client.ServerStream(new EchoMessage());
        Assert.False(await serverStream.ResponseStream.MoveNext().Soon());
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> clientStream = client.ClientStream();
        await clientStream.RequestStream.CompleteAsync().Soon();
        await clientStream.ResponseAsync.Soon();
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> duplex = client.Duplex();
        await duplex.RequestStream.CompleteAsync().Soon();
        Assert.False(await duplex.ResponseStream.MoveNext().Soon());

        Assert.Equal(
            ["a:Unary", "a:disposed", "a:ServerStream", "a:disposed", "a:ClientStream", "a:disposed", "a:Duplex", "a:disposed"], _log);
    }

    [Fact]
    public async Task Several_ThoseOfAllServicesComeFirst()
    {
        await using EchoHost host = await EchoHost.StartAsync(
            options =>
            {
                options.Interceptors.Add<ServerNoting>(_log, "a");
                options.Interceptors.Add<ServerNoting>(_log, "b");
            },
            services => services.Configure<GrpcServiceOptions<EchoService>>(
                options => options.Interceptors.Add<ServerNoting>(_log, "c")));

        await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.Equal(["a:Unary", "b:Unary", "c:Unary", "c:disposed", "b:disposed", "a:disposed"], _log);
    }

    [Fact]
    public async Task RegisteredInterceptor_IsTakenFromTheContainer()
    {
        await using EchoHost host = await EchoHost.StartAsync(
            options => options.Interceptors.Add<ServerNoting>(),
            services => services.AddSingleton(new ServerNoting(_log, "registered")));

        await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.Equal(["registered:Unary"], _log);
    }

    [Fact]
    public async Task Interceptor_Refuses_HandlerIsNotCalled()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.Interceptors.Add<Refusing>());
        host.Script.Unary = (_, _) => throw new NotSupportedException();

        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unauthenticated, exception.StatusCode);
    }

    [Fact]
    public void Add_OtherType_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new InterceptorCollection().Add(typeof(string)));

    private sealed class Refusing : Interceptor
    {
        public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
            TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation) =>
            throw new RpcException(new Status(StatusCode.Unauthenticated, "who are you?"));
    }
}
