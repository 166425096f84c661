using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Grpc.Core;
using Grpc.Core.Internal;

namespace AdamGrpc.Tests;

public sealed class MetadataTests
{
    private static readonly byte[] EmptyMessage = [0, 0, 0, 0, 0];

    [Fact]
    public async Task Metadata_AsciiAndBinary_TravelsBothWays()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Metadata? seen = null;
        host.Script.Unary = async (request, context) =>
        {
            seen = context.RequestHeaders;
            await context.WriteResponseHeadersAsync(new Metadata { { "head", "H" }, { "head-bin", [1] } });
            context.ResponseTrailers.Add("trail", "T");
            context.ResponseTrailers.Add("trail-bin", [255, 254]);
            return request;
        };

        using AsyncUnaryCall<EchoMessage> call = host.CreateClient().UnaryAsync(
            new EchoMessage(), new Metadata { { "Plain", "a b" }, { "twice", "1" }, { "twice", "2" }, { "data-bin", [0, 128, 255] } });
        await call.ResponseAsync.Soon();
        Metadata headers = await call.ResponseHeadersAsync.Soon();

        Assert.Equal("a b", seen!.GetValue("plain"));

        // HTTP takes values of one name for a list, and its client sends them as one.
        Assert.Equal("1, 2", Assert.Single(seen.GetAll("twice")).Value);
        Assert.Equal([0, 128, 255], seen.GetValueBytes("data-bin"));
        Assert.StartsWith("grpc-", seen.GetValue("user-agent"), StringComparison.Ordinal);
        Assert.Null(seen.Get("te"));
        Assert.Null(seen.Get("content-type"));
        Assert.Equal("H", headers.GetValue("head"));
        Assert.Equal([1], headers.GetValueBytes("head-bin"));
        Assert.Equal("T", call.GetTrailers().GetValue("trail"));
        Assert.Equal([255, 254], call.GetTrailers().GetValueBytes("trail-bin"));
        Assert.Null(call.GetTrailers().Get("grpc-status"));
    }

    [Fact]
    public async Task BinaryMetadata_OnTheWire_IsBase64WithoutPadding()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) =>
        {
            context.ResponseTrailers.Add("x-bin", [1]);
            return Task.FromResult(request);
        };

        RawCall call = await RawCall.SendAsync(host, RawCall.Unary, [EmptyMessage]);

        Assert.Equal("AQ", Assert.Single(call.Response.TrailingHeaders.GetValues("x-bin")));
    }

    [Fact]
    public async Task BinaryMetadata_PaddedUnpaddedAndJoined_IsRead()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        List<byte[]> seen = [];
        host.Script.Unary = (request, context) =>
        {
            seen.AddRange(context.RequestHeaders.GetAll("x-bin").Select(entry => entry.ValueBytes));
            return Task.FromResult(request);
        };

        await RawCall.SendAsync(
            host, RawCall.Unary, [EmptyMessage], request => request.Headers.TryAddWithoutValidation("x-bin", "AQ==,AgM, AA"));

        Assert.Equal([[1], [2, 3], [0]], seen);
    }

    [Fact]
    public async Task BinaryMetadata_NotBase64_IsInternal()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (request, context) => Task.FromResult(new EchoMessage { Text = context.RequestHeaders.Count.ToString("D") });

        RawCall call = await RawCall.SendAsync(
            host, RawCall.Unary, [EmptyMessage], request => request.Headers.TryAddWithoutValidation("x-bin", "!"));

        Assert.Equal("13", call.Status);
    }

    [Fact]
    public async Task RpcExceptionTrailers_WithoutAnyMessage_ReachTheClient()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = (_, context) =>
        {
            context.ResponseTrailers.Add("from", "context");
            throw new RpcException(
                new Status(StatusCode.NotFound, "x"), new Metadata { { "from", "exception" }, { "grpc-status-details-bin", [8, 5] } });
        };
        using AsyncUnaryCall<EchoMessage> call = host.CreateClient().UnaryAsync(new EchoMessage());

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync.Soon());

        Assert.Equal(["context", "exception"], exception.Trailers.GetAll("from").Select(entry => entry.Value));
        Assert.Equal([8, 5], exception.Trailers.GetValueBytes("grpc-status-details-bin"));
        Assert.Equal([8, 5], call.GetTrailers().GetValueBytes("grpc-status-details-bin"));
    }

    [Fact]
    public async Task ResponseHeaders_BeforeTheFirstMessage_ReachTheClient()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        TaskCompletionSource release = Waiting.Point();
        host.Script.ServerStream = async (_, _, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "early", "yes" } });
            await release.Task;
        };
        using AsyncServerStreamingCall<EchoMessage> call = host.CreateClient().ServerStream(new EchoMessage());

        Assert.Equal("yes", (await call.ResponseHeadersAsync.Soon()).GetValue("early"));
        Assert.Throws<InvalidOperationException>(() => call.GetStatus());
        release.SetResult();
        Assert.False(await call.ResponseStream.MoveNext().Soon());
    }

    [Fact]
    public async Task ResponseHeaders_Twice_IsRefused()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Exception? second = null;
        host.Script.Unary = async (request, context) =>
        {
            await context.WriteResponseHeadersAsync([]);
            second = await Record.ExceptionAsync(() => context.WriteResponseHeadersAsync([]));
            return request;
        };

        await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.IsType<InvalidOperationException>(second);
    }

    [Fact]
    public async Task RequestMetadata_NotAscii_IsRefusedBeforeTheCall()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = host.CreateClient();

        Assert.Throws<ArgumentException>(() => client.UnaryAsync(new EchoMessage(), new Metadata { { "x", "a\r\nb: c" } }));
        Assert.Throws<ArgumentException>(() => client.UnaryAsync(new EchoMessage(), new Metadata { { "x", "ü" } }));
    }

    [Fact]
    public async Task RequestMetadata_NameThatHttpKeepsForContent_IsRefusedByName()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        Echo.EchoClient client = host.CreateClient();

        ArgumentException exception = Assert.Throws<ArgumentException>(
            () => client.UnaryAsync(new EchoMessage(), new Metadata { { "expires", "never" } }));

        Assert.Contains("does not allow the metadata 'expires'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UserState_OfACall_IsThatOfItsHttpContext()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        object? seen = null;
        host.Script.Unary = (request, context) =>
        {
            context.GetHttpContext().Items["key"] = "value";
            seen = context.UserState["key"];
            return Task.FromResult(request);
        };

        await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.Equal("value", seen);
    }

    [Fact]
    public async Task Context_OfACall_TellsMethodHostPeer()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        ServerCallContext? context = null;
        (string Method, string Host, string Peer, DateTime Deadline, bool HasRequest) seen = default;
        host.Script.Unary = (request, current) =>
        {
            context = current;
            seen = (current.Method, current.Host, current.Peer, current.Deadline, current.GetHttpContext() is not null);
            return Task.FromResult(request);
        };

        await host.CreateClient().UnaryAsync(new EchoMessage()).ResponseAsync.Soon();

        Assert.NotNull(context);
        Assert.Equal("/grpc_runtime.test.Echo/Unary", seen.Method);
        Assert.Equal(new Uri(host.Address).Authority, seen.Host);
        Assert.StartsWith("ipv4:127.0.0.1:", seen.Peer, StringComparison.Ordinal);
        Assert.Equal(DateTime.MaxValue, seen.Deadline);
        Assert.True(seen.HasRequest);
    }

    [Theory]
    [InlineData("AQI", true)]
    [InlineData("AQI=", true)]
    [InlineData("AQ==", true)]
    [InlineData("", true)]
    [InlineData("AQ=", false)] // half of the padding
    [InlineData("AQIDBA===", false)]
    [InlineData("AQID=", false)]
    [InlineData("=", false)]
    [InlineData("AQI DBA", false)] // decoders skip white space, no encoder writes it
    [InlineData("A", false)]
    public void BinaryMetadata_Text_IsBase64OrRefused(string value, bool isBase64)
    {
        Metadata metadata = [];

        Exception? exception = Record.Exception(() => MetadataEncoding.AddHeader(metadata, "key-bin", value));

        Assert.Equal(isBase64, exception is null);
        Assert.Equal(isBase64 ? 1 : 0, metadata.Count);
    }

    [Theory]
    [InlineData("upper Case")]
    [InlineData("ü")]
    [InlineData("a:b")]
    [InlineData("")]
    public void Entry_MalformedKey_IsRefused(string key) => Assert.Throws<ArgumentException>(() => new Metadata.Entry(key, ""));

    [Fact]
    public void Entry_KindOfValue_HasToMatchTheKey()
    {
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a", [1]));
        Assert.Throws<ArgumentException>(() => new Metadata.Entry("a-bin", "1"));
        Assert.Throws<InvalidOperationException>(() => new Metadata.Entry("a-bin", [1]).Value);
        Assert.Throws<InvalidOperationException>(() => Metadata.Empty.Add("a", "b"));
    }
}
