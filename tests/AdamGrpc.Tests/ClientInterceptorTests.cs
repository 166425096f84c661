using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Core.Interceptors;

namespace AdamGrpc.Tests;

public sealed class ClientInterceptorTests
{
    [Fact]
    public async Task AllShapes_PassTheInterceptor()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        List<string> log = [];
        Echo.EchoClient client = new(host.CreateChannel().Intercept(new Noting(log, "a")));

        Assert.Equal("x", (await Task.Run(() => client.Unary(new EchoMessage { Text = "x" })).Soon()).Text);
        Assert.Equal("x", (await client.UnaryAsync(new EchoMessage { Text = "x" }).ResponseAsync.Soon()).Text);
        using AsyncServerStreamingCall<EchoMessage> serverStream = client.ServerStream(new EchoMessage { Text = "x" });
        Assert.True(await serverStream.ResponseStream.MoveNext().Soon());
        using AsyncClientStreamingCall<EchoMessage, EchoMessage> clientStream = client.ClientStream();
        await clientStream.RequestStream.CompleteAsync().Soon();
        await clientStream.ResponseAsync.Soon();
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> duplex = client.Duplex();
        await duplex.RequestStream.CompleteAsync().Soon();
        Assert.False(await duplex.ResponseStream.MoveNext().Soon());

        Assert.Equal(["a:Unary", "a:UnaryAsync", "a:ServerStream", "a:ClientStream", "a:Duplex"], log);
    }

    [Fact]
    public async Task Several_AreAskedInTheirOrder()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        List<string> log = [];
        CallInvoker invoker = host.CreateChannel()
            .Intercept(new Noting(log, "c"), new Noting(log, "d"))
            .Intercept(new Noting(log, "a"), new Noting(log, "b"));

        await new Echo.EchoClient(invoker).UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.Equal(["a:UnaryAsync", "b:UnaryAsync", "c:UnaryAsync", "d:UnaryAsync"], log);
    }

    [Fact]
    public async Task MetadataInterceptor_ReplacesWhatIsSent()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Metadata? received = null;
        host.Script.Unary = (request, context) =>
        {
            received = context.RequestHeaders;
            return Task.FromResult(request);
        };
        Echo.EchoClient client = new(host.CreateChannel().Intercept(metadata => [.. metadata, new Metadata.Entry("b", "2")]));

        await client.UnaryAsync(new EchoMessage(), new Metadata { { "a", "1" } }).ResponseAsync.Soon();
        Assert.Equal("1", received!.GetValue("a"));
        Assert.Equal("2", received.GetValue("b"));

        await client.UnaryAsync(new EchoMessage()).ResponseAsync.Soon();
        Assert.Equal("2", received!.GetValue("b"));
    }

    [Fact]
    public async Task Interceptor_MayDoWithoutTheCallOrChangeIt()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = new(host.CreateChannel().Intercept(new Doubling()));

        Assert.Equal("xx", (await client.UnaryAsync(new EchoMessage { Text = "x" }).ResponseAsync.Soon()).Text);
    }

    [Fact]
    public async Task Null_IsRefused()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        CallInvoker invoker = host.CreateChannel().CreateCallInvoker();

        Assert.Throws<ArgumentNullException>(() => invoker.Intercept((Interceptor)null!));
        Assert.Throws<ArgumentNullException>(() => invoker.Intercept((Func<Metadata, Metadata>)null!));
        Assert.Throws<ArgumentNullException>(() => invoker.Intercept((Interceptor[])null!));
    }

    private sealed class Doubling : Interceptor
    {
        public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
            TRequest request,
            ClientInterceptorContext<TRequest, TResponse> context,
            AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
        {
            EchoMessage doubled = new() { Text = ((EchoMessage)(object)request).Text + ((EchoMessage)(object)request).Text };
            return continuation((TRequest)(object)doubled, context);
        }
    }
}
