using System.Net.Http.Headers;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Compression;

namespace AdamGrpc.Tests;

public sealed class CompressingClientTests
{
    /// <summary>Long enough to become shorter.</summary>
    private static readonly EchoMessage Long = new() { Text = new string('a', 1000) };

    private static readonly Metadata AsksForGzip = new() { { "grpc-internal-encoding-request", "gzip" }, { "other", "value" } };

    [Fact]
    public async Task Unary_WithoutACoding_OffersTheDefaultsAndCompressesNothing()
    {
        Sent sent = await SendAsync(client => client.UnaryAsync(Long).ResponseAsync);

        Assert.Equal("identity,gzip,deflate", sent.Header("grpc-accept-encoding"));
        Assert.Null(sent.Header("grpc-encoding"));
        Assert.Equal(Gzip.WithPrefix(0, Long.ToByteArray()), sent.Body);
    }

    [Fact]
    public async Task Unary_WithACoding_SendsItsNameAndTheCompressedMessage()
    {
        Sent sent = await SendAsync(client => client.UnaryAsync(Long, AsksForGzip).ResponseAsync);

        Assert.Equal("gzip", sent.Header("grpc-encoding"));
        Assert.Equal("value", sent.Header("other"));
        Assert.Null(sent.Header("grpc-internal-encoding-request"));
        (byte Flag, byte[] Message) request = Assert.Single(Gzip.Split(sent.Body));
        Assert.Equal(1, request.Flag);
        Assert.Equal(Long.ToByteArray(), request.Message);
    }

    [Fact]
    public async Task Unary_NoCompressOfTheCall_SparesTheRequest()
    {
        CallOptions options = new(AsksForGzip, writeOptions: new WriteOptions(WriteFlags.NoCompress));

        Sent sent = await SendAsync(client => client.UnaryAsync(Long, options).ResponseAsync);

        Assert.Equal("gzip", sent.Header("grpc-encoding"));
        Assert.Equal(Gzip.WithPrefix(0, Long.ToByteArray()), sent.Body);
    }

    [Fact]
    public async Task Unary_ShortRequest_TravelsAsItIs()
    {
        Sent sent = await SendAsync(client => client.UnaryAsync(new EchoMessage(), AsksForGzip).ResponseAsync);

        Assert.Equal([0, 0, 0, 0, 0], sent.Body);
    }

    [Fact]
    public async Task ClientStream_NoCompressOfSingleMessages_SparesThem()
    {
        Sent sent = await SendAsync(async client =>
        {
            using AsyncClientStreamingCall<EchoMessage, EchoMessage> call = client.ClientStream(AsksForGzip);
            await call.RequestStream.WriteAsync(Long);
            call.RequestStream.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await call.RequestStream.WriteAsync(Long);
            call.RequestStream.WriteOptions = null;
            await call.RequestStream.WriteAsync(Long);
            await call.RequestStream.CompleteAsync();
            return await call.ResponseAsync;
        });

        Assert.Equal([1, 0, 1], Gzip.Split(sent.Body).Select(request => request.Flag));
    }

    [Fact]
    public async Task Unary_MaxSendMessageSize_CountsBeforeCompression()
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(
            () => SendAsync(client => client.UnaryAsync(Long, AsksForGzip).ResponseAsync, options => options.MaxSendMessageSize = 999));

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Call_CodingThatTheChannelDoesNotHave_FailsBeforeAnythingIsSent(bool isStream)
    {
        Metadata asks = new() { { "grpc-internal-encoding-request", "snappy" } };

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => SendAsync(
            client => isStream ? client.ClientStream(asks).ResponseAsync : client.UnaryAsync(Long, asks).ResponseAsync,
            answer: () => throw new InvalidOperationException("A request was sent.")));

        Assert.Equal(StatusCode.Internal, exception.StatusCode);
        Assert.Contains("'snappy'", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unary_ChannelWithoutCodings_OffersNone()
    {
        Sent sent = await SendAsync(client => client.UnaryAsync(Long).ResponseAsync, options => options.CompressionProviders = []);

        Assert.Equal("identity", sent.Header("grpc-accept-encoding"));
    }

    [Fact]
    public async Task Unary_CompressedResponse_IsRead()
    {
        EchoMessage? reply = null;

        await SendAsync(async client => reply = await client.UnaryAsync(Long), answer: () => Answer("gzip", Gzip.Frame(Long.ToByteArray())));

        Assert.Equal(Long, reply);
    }

    [Theory]
    [InlineData("snappy", StatusCode.Internal)]
    [InlineData("identity", StatusCode.Internal)]
    [InlineData(null, StatusCode.Internal)]
    public async Task Unary_ResponseInACodingThatWasNotOffered_IsInternal(string? encoding, StatusCode expected)
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => SendAsync(
            client => client.UnaryAsync(Long).ResponseAsync, answer: () => Answer(encoding, Gzip.Frame(Long.ToByteArray()))));

        Assert.Equal(expected, exception.StatusCode);
    }

    [Theory]
    [InlineData(1003, null)]
    [InlineData(1002, StatusCode.ResourceExhausted)]
    public async Task Unary_InflatedLengthOfAResponse_IsWhatTheLimitCounts(int limit, StatusCode? expected)
    {
        Task<Sent> call = SendAsync(
            client => client.UnaryAsync(Long).ResponseAsync,
            options => options.MaxReceiveMessageSize = limit,
            () => Answer("gzip", Gzip.Frame(Long.ToByteArray())));

        Assert.Equal(expected, (await Record.ExceptionAsync(() => call) as RpcException)?.StatusCode);
        Assert.Equal(expected is null, call.IsCompletedSuccessfully);
    }

    [Fact]
    public async Task Duplex_BothSidesCompress_EveryMessageArrives()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "deflate");
        using AsyncDuplexStreamingCall<EchoMessage, EchoMessage> call = host.CreateClient().Duplex(AsksForGzip);

        foreach (int length in new[] { 0, 1, 1000, 200_000 })
        {
            EchoMessage message = new() { Text = new string('x', length) };
            await call.RequestStream.WriteAsync(message).Soon();
            Assert.True(await call.ResponseStream.MoveNext().Soon());
            Assert.Equal(message, call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext().Soon());
    }

    /// <summary>Makes a call to a handler that gathers the request and answers.</summary>
    private static async Task<Sent> SendAsync(
        Func<Echo.EchoClient, Task<EchoMessage>> call, Action<GrpcChannelOptions>? configure = null, Func<HttpResponseMessage>? answer = null)
    {
        Sent? sent = null;
        GrpcChannelOptions options = new()
        {
            HttpHandler = new StubHandler(async (request, _) =>
            {
                sent = new Sent(request.Headers, await request.Content!.ReadAsByteArrayAsync(CancellationToken.None));
                return answer?.Invoke() ?? Answer(null, [0, 0, 0, 0, 0]);
            }),
        };
        configure?.Invoke(options);
        using GrpcChannel channel = GrpcChannel.ForAddress("http://localhost", options);
        await call(new Echo.EchoClient(channel)).Soon();
        return sent!;
    }

    private static HttpResponseMessage Answer(string? encoding, byte[] body)
    {
        HttpResponseMessage response = StubHandler.Response();
        MediaTypeHeaderValue? type = response.Content.Headers.ContentType;
        response.Content = new ByteArrayContent(body) { Headers = { ContentType = type } };
        if (encoding is not null)
        {
            response.Headers.TryAddWithoutValidation("grpc-encoding", encoding);
        }

        response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
        return response;
    }

    private sealed record Sent(HttpRequestHeaders Headers, byte[] Body)
    {
        public string? Header(string name) =>
            Headers.NonValidated.TryGetValues(name, out HeaderStringValues values) ? values.ToString() : null;
    }
}
