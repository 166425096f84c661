using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Net.Client;

namespace AdamGrpc.Tests;

public sealed class CallCredentialsTests
{
    private Metadata? _received;

    [Fact]
    public async Task Call_WithCredentials_SendsTheirMetadata()
    {
        await using EchoHost host = await StartAsync();
        AuthInterceptorContext? asked = null;
        CallCredentials credentials = CallCredentials.FromInterceptor(async (context, metadata) =>
        {
            asked = context;
            await Task.Yield();
            metadata.Add("authorization", "Bearer 1");
        });

        await Unsafe(host).UnaryAsync(
            new EchoMessage(), new CallOptions(new Metadata { { "a", "b" } }, credentials: credentials)).ResponseAsync.Soon();

        Assert.Equal("Bearer 1", _received!.GetValue("authorization"));
        Assert.Equal("b", _received.GetValue("a"));
        Assert.Equal($"{host.Address}/grpc_runtime.test.Echo", asked!.ServiceUrl);
        Assert.Equal("Unary", asked.MethodName);
    }

    [Fact]
    public async Task Composed_AddWhatAllOfThemAdd()
    {
        await using EchoHost host = await StartAsync();
        CallCredentials both = CallCredentials.Compose(Adding("a", "1"), Adding("b", "2"));

        await Unsafe(host).UnaryAsync(new EchoMessage(), new CallOptions().WithCredentials(both)).ResponseAsync.Soon();

        Assert.Equal("1", _received!.GetValue("a"));
        Assert.Equal("2", _received.GetValue("b"));
    }

    [Fact]
    public async Task ClearText_IsRefusedUnlessAllowed()
    {
        await using EchoHost host = await StartAsync();
        bool isAsked = false;
        CallCredentials credentials = CallCredentials.FromInterceptor((_, _) =>
        {
            isAsked = true;
            return Task.CompletedTask;
        });

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => host.CreateClient()
            .UnaryAsync(new EchoMessage(), new CallOptions().WithCredentials(credentials)).ResponseAsync.Soon());

        Assert.Equal(StatusCode.Unauthenticated, exception.StatusCode);
        Assert.False(isAsked);
        Assert.Null(_received);
    }

    [Fact]
    public async Task Credentials_Throw_EndsTheCall()
    {
        await using EchoHost host = await StartAsync();
        Echo.EchoClient client = Unsafe(host);

        Assert.Equal(StatusCode.Internal, await FailAsync(client, (_, _) => throw new FormatException("no token")));
        Assert.Equal(
            StatusCode.PermissionDenied,
            await FailAsync(client, (_, _) => throw new RpcException(new Status(StatusCode.PermissionDenied, ""))));
        Assert.Null(_received);
    }

    [Fact]
    public async Task Credentials_TakeLong_CallIsCancelledMeanwhile()
    {
        await using EchoHost host = await StartAsync();
        using CancellationTokenSource source = new();
        TaskCompletionSource asked = Waiting.Point();
        CancellationToken seen = default;
        CallCredentials credentials = CallCredentials.FromInterceptor((context, _) =>
        {
            seen = context.CancellationToken;
            asked.SetResult();
            return Waiting.Point().Task;
        });
        using AsyncUnaryCall<EchoMessage> call = Unsafe(host).UnaryAsync(
            new EchoMessage(), new CallOptions(cancellationToken: source.Token, credentials: credentials));
        await asked.Task.Soon();

        await source.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon())).StatusCode);
        Assert.True(seen.IsCancellationRequested);
    }

    [Fact]
    public async Task Retries_AskAgain()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        List<string?> tokens = [];
        host.Script.Unary = (request, context) =>
        {
            tokens.Add(context.RequestHeaders.GetValue("token"));
            return tokens.Count == 1 ? throw Retries.Unavailable() : Task.FromResult(request);
        };
        int asked = 0;
        CallCredentials credentials = CallCredentials.FromInterceptor((_, metadata) =>
        {
            metadata.Add("token", $"{++asked}");
            return Task.CompletedTask;
        });
        Echo.EchoClient client = host.CreateClient(options =>
        {
            Retries.On(options);
            options.UnsafeUseInsecureChannelCallCredentials = true;
        });

        await client.UnaryAsync(new EchoMessage(), new CallOptions().WithCredentials(credentials)).ResponseAsync.Soon();

        Assert.Equal(["1", "2"], tokens);
    }

    [Fact]
    public async Task Channel_WithCredentials_AddsThemToEveryCall()
    {
        Metadata sent = [];
        using StubHandler handler = new((request, _) =>
        {
            sent.Add("authorization", string.Join(",", request.Headers.GetValues("authorization")));
            return Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ConnectionError));
        });
        using GrpcChannel channel = GrpcChannel.ForAddress("https://localhost", new GrpcChannelOptions
        {
            HttpHandler = handler,
            Credentials = ChannelCredentials.Create(ChannelCredentials.SecureSsl, Adding("authorization", "Bearer 1")),
        });

        await Assert.ThrowsAsync<RpcException>(() => new Echo.EchoClient(channel).UnaryAsync(new EchoMessage()).ResponseAsync.Soon());

        Assert.Equal("Bearer 1", sent.GetValue("authorization"));
    }

    [Fact]
    public void Channel_CredentialsAgainstTheAddress_AreRefused()
    {
        Assert.Throws<InvalidOperationException>(() => Open("http://localhost", ChannelCredentials.SecureSsl));
        Assert.Throws<InvalidOperationException>(() => Open("http://localhost", new SslCredentials()));
        Assert.Throws<InvalidOperationException>(() => Open("https://localhost", ChannelCredentials.Insecure));
        Open("http://localhost", ChannelCredentials.Insecure);
        Open("https://localhost", ChannelCredentials.SecureSsl);
    }

    [Fact]
    public void Create_WithoutTls_IsRefused() =>
        Assert.Throws<ArgumentException>(() => ChannelCredentials.Create(ChannelCredentials.Insecure, Adding("a", "b")));

    [Fact]
    public void Compose_OneOnly_IsRefused() => Assert.Throws<ArgumentException>(() => CallCredentials.Compose(Adding("a", "b")));

    private static CallCredentials Adding(string key, string value) => CallCredentials.FromInterceptor((_, metadata) =>
    {
        metadata.Add(key, value);
        return Task.CompletedTask;
    });

    private static void Open(string address, ChannelCredentials credentials) =>
        GrpcChannel.ForAddress(address, new GrpcChannelOptions { Credentials = credentials }).Dispose();

    private static Echo.EchoClient Unsafe(EchoHost host) =>
        host.CreateClient(options => options.UnsafeUseInsecureChannelCallCredentials = true);

    private static async Task<StatusCode> FailAsync(Echo.EchoClient client, AsyncAuthInterceptor interceptor)
    {
        CallOptions options = new CallOptions().WithCredentials(CallCredentials.FromInterceptor(interceptor));
        return (await Assert.ThrowsAsync<RpcException>(
            () => client.UnaryAsync(new EchoMessage(), options).ResponseAsync.Soon())).StatusCode;
    }

    private async Task<EchoHost> StartAsync()
    {
        EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            _received = context.RequestHeaders;
            return Task.FromResult(request);
        };
        return host;
    }
}
