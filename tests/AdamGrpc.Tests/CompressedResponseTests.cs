using System.Buffers;
using System.IO.Compression;
using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Grpc.Core;
using Grpc.Net.Compression;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests;

public sealed class CompressedResponseTests
{
    /// <summary>Long enough to become shorter.</summary>
    private static readonly EchoMessage Long = new() { Text = new string('a', 1000) };

    private static readonly byte[] LongFrame = Gzip.WithPrefix(0, Long.ToByteArray());

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("identity, deflate ,gzip", 1)]
    [InlineData("identity,deflate", 0)]
    [InlineData("xgzip", 0)]
    [InlineData(null, 0)]
    public async Task Unary_ConfiguredCoding_IsUsedWhenTheClientAcceptsIt(string? accepted, byte flag)
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");

        RawCall call = await SendAsync(host, RawCall.Unary, accepted, LongFrame);

        Assert.Equal("0", call.Status);
        (byte Flag, byte[] Message) response = Assert.Single(Gzip.Split(call.Body));
        Assert.Equal(flag, response.Flag);
        Assert.Equal(Long.ToByteArray(), response.Message);
        Assert.Equal(flag == 1 ? "gzip" : null, EncodingOf(call));
    }

    [Fact]
    public async Task Unary_ShortResponse_TravelsAsItIs()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");

        RawCall call = await SendAsync(host, RawCall.Unary, "gzip", [0, 0, 0, 0, 0]);

        Assert.Equal([0, 0, 0, 0, 0], call.Body);
        Assert.Equal("gzip", EncodingOf(call));
    }

    [Fact]
    public async Task ServerStream_NoCompressAndShortMessages_AreSpared()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        host.Script.ServerStream = async (_, responses, context) =>
        {
            await responses.WriteAsync(Long);
            responses.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            await responses.WriteAsync(Long);
            responses.WriteOptions = null;
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress | WriteFlags.BufferHint);
            await responses.WriteAsync(Long);
            context.WriteOptions = null;
            await responses.WriteAsync(Long);
            await responses.WriteAsync(new EchoMessage());
        };

        RawCall call = await SendAsync(host, RawCall.ServerStream, "gzip", LongFrame);

        List<(byte Flag, byte[] Message)> responses = Gzip.Split(call.Body);
        Assert.Equal([1, 0, 0, 1, 0], responses.Select(response => response.Flag));
        Assert.All(responses.SkipLast(1), response => Assert.Equal(Long.ToByteArray(), response.Message));
        Assert.Empty(responses[^1].Message);
    }

    [Fact]
    public async Task Unary_NoCompressOfTheContext_SparesTheResponse()
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        host.Script.Unary = (request, context) =>
        {
            context.WriteOptions = new WriteOptions(WriteFlags.NoCompress);
            return Task.FromResult(request);
        };

        RawCall call = await SendAsync(host, RawCall.Unary, "gzip", LongFrame);

        Assert.Equal(LongFrame, call.Body);
    }

    [Theory]
    [InlineData(null, "gzip", "gzip")]
    [InlineData("gzip", "identity", null)]
    [InlineData("deflate", "gzip", "gzip")]
    public async Task WriteResponseHeaders_WithACoding_ChoosesItForTheCall(string? configured, string chosen, string? expected)
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = configured);
        host.Script.Unary = async (request, context) =>
        {
            await context.WriteResponseHeadersAsync(new Metadata { { "grpc-internal-encoding-request", chosen } });
            return request;
        };

        RawCall call = await SendAsync(host, RawCall.Unary, "gzip,deflate", LongFrame);

        Assert.Equal("0", call.Status);
        Assert.Equal(expected is null ? 0 : 1, Assert.Single(Gzip.Split(call.Body)).Flag);
        Assert.Equal(expected, EncodingOf(call));
        Assert.False(call.Response.Headers.Contains("grpc-internal-encoding-request"));
    }

    [Fact]
    public async Task WriteResponseHeaders_WithAnUnknownCoding_IsTheHandlersMistake()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        host.Script.Unary = async (request, context) =>
        {
            await Assert.ThrowsAsync<InvalidOperationException>(
                () => context.WriteResponseHeadersAsync(new Metadata { { "grpc-internal-encoding-request", "snappy" } }));
            return request;
        };

        RawCall call = await SendAsync(host, RawCall.Unary, "gzip", LongFrame);

        Assert.Equal("0", call.Status);
        Assert.Equal(LongFrame, call.Body);
    }

    [Fact]
    public async Task Unary_MaxSendMessageSize_CountsBeforeCompression()
    {
        await using EchoHost host = await EchoHost.StartAsync(options =>
        {
            options.ResponseCompressionAlgorithm = "gzip";
            options.MaxSendMessageSize = 999;
        });

        RawCall call = await SendAsync(host, RawCall.Unary, "gzip", LongFrame);

        Assert.Equal("8", call.Status);
        Assert.Empty(call.Body);
    }

    [Fact]
    public async Task MapGrpcService_CodingWithoutProvider_IsRefused()
    {
        InvalidOperationException exception = await Assert.ThrowsAsync<InvalidOperationException>(
            () => EchoHost.StartAsync(options => options.ResponseCompressionAlgorithm = "snappy"));

        Assert.Contains("'snappy'", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServiceOptions_OfOneService_ComeBeforeThoseOfAll()
    {
        NamedGzip own = new("own");
        await using EchoHost host = await EchoHost.StartAsync(
            options =>
            {
                options.ResponseCompressionAlgorithm = "gzip";
                options.ResponseCompressionLevel = CompressionLevel.NoCompression;
            },
            services => services.Configure<GrpcServiceOptions<EchoService>>(options =>
            {
                options.ResponseCompressionAlgorithm = "own";
                options.CompressionProviders.Add(own);
            }));

        RawCall call = await SendAsync(host, RawCall.Unary, "own,gzip", LongFrame);

        Assert.Equal("own", EncodingOf(call));
        Assert.Equal("identity,own,gzip,deflate", Assert.Single(call.Response.Headers.GetValues("grpc-accept-encoding")));
        Assert.Equal(CompressionLevel.NoCompression, own.Level);
    }

    [Theory]
    [InlineData("Announced")]
    [InlineData("Whole")]
    public async Task Marshaller_ThatAnnouncesOrGivesAnArray_IsCompressed(string method)
    {
        await using EchoHost host = await EchoHost.StartAsync(
            options => options.ResponseCompressionAlgorithm = "gzip", map: app => app.MapGrpcService<Repeater>());

        RawCall call = await SendAsync(host, $"/grpc_runtime.test.Repeater/{method}", "gzip", [0, 0, 0, 0, 0]);

        (byte Flag, byte[] Message) response = Assert.Single(Gzip.Split(call.Body));
        Assert.Equal(1, response.Flag);
        Assert.Equal(new byte[500], response.Message);
    }

    [Fact]
    public async Task Marshaller_WritesLessThanAnnounced_SendsNothing()
    {
        await using EchoHost host = await EchoHost.StartAsync(
            options => options.ResponseCompressionAlgorithm = "gzip", map: app => app.MapGrpcService<Repeater>());
        host.ExpectsErrors = true;

        RawCall call = await SendAsync(host, "/grpc_runtime.test.Repeater/Less", "gzip", [0, 0, 0, 0, 0]);

        Assert.Equal("2", call.Status);
        Assert.Empty(call.Body);
    }

    private static string? EncodingOf(RawCall call) =>
        call.Response.Headers.TryGetValues("grpc-encoding", out IEnumerable<string>? values) ? string.Join(';', values) : null;

    private static Task<RawCall> SendAsync(EchoHost host, string path, string? accepted, byte[] frame) => RawCall.SendAsync(
        host,
        path,
        [frame],
        request =>
        {
            if (accepted is not null)
            {
                request.Headers.TryAddWithoutValidation("grpc-accept-encoding", accepted);
            }
        });

    /// <summary>A coding by another name, which remembers how hard it was to try.</summary>
    private sealed class NamedGzip(string name) : ICompressionProvider
    {
        private readonly GzipCompressionProvider _gzip = new(CompressionLevel.Fastest);

        public string EncodingName => name;

        public CompressionLevel? Level { get; private set; }

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel)
        {
            Level = compressionLevel;
            return _gzip.CreateCompressionStream(stream, CompressionLevel.SmallestSize);
        }

        public Stream CreateDecompressionStream(Stream stream) => _gzip.CreateDecompressionStream(stream);
    }

    [BindServiceMethod(typeof(RepeaterBase), nameof(Bind))]
    public abstract class RepeaterBase
    {
        private static readonly Marshaller<byte[]> InABuffer = Announcing(surplus: 0);
        private static readonly Marshaller<byte[]> InABufferWithLess = Announcing(surplus: 1);

        private static readonly Marshaller<byte[]> InAnArray = Marshallers.Create<byte[]>(
            (message, context) => context.Complete(message), context => context.PayloadAsNewBuffer());

        public static void Bind(ServiceBinderBase binder, RepeaterBase? service)
        {
            binder.AddMethod(Method(nameof(Announced), InABuffer), service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Announced));
            binder.AddMethod(Method(nameof(Whole), InAnArray), service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Whole));
            binder.AddMethod(Method(nameof(Less), InABufferWithLess), service is null ? null : new UnaryServerMethod<byte[], byte[]>(service.Less));
        }

        public abstract Task<byte[]> Announced(byte[] request, ServerCallContext context);

        public abstract Task<byte[]> Whole(byte[] request, ServerCallContext context);

        public abstract Task<byte[]> Less(byte[] request, ServerCallContext context);

        private static Marshaller<byte[]> Announcing(int surplus) => Marshallers.Create<byte[]>(
            (message, context) =>
            {
                context.SetPayloadLength(message.Length + surplus);
                context.GetBufferWriter().Write(message);
                context.Complete();
            },
            context => context.PayloadAsNewBuffer());

        private static Method<byte[], byte[]> Method(string name, Marshaller<byte[]> marshaller) =>
            new(MethodType.Unary, "grpc_runtime.test.Repeater", name, marshaller, marshaller);
    }

    public sealed class Repeater : RepeaterBase
    {
        public override Task<byte[]> Announced(byte[] request, ServerCallContext context) => Task.FromResult(new byte[500]);

        public override Task<byte[]> Whole(byte[] request, ServerCallContext context) => Task.FromResult(new byte[500]);

        public override Task<byte[]> Less(byte[] request, ServerCallContext context) => Task.FromResult(new byte[500]);
    }
}
