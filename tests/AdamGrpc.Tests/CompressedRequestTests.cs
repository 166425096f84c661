using AdamGrpc.Tests.Support;
using AdamGrpc.Tests.Wire;
using Google.Protobuf;
using Grpc.AspNetCore.Server;
using Microsoft.Extensions.DependencyInjection;

namespace AdamGrpc.Tests;

public sealed class CompressedRequestTests
{
    /// <summary>Prefix 0, length 4; field 1 (text), length 2, "hi".</summary>
    private static readonly byte[] Hi = [0, 0, 0, 0, 4, 0x0A, 2, (byte)'h', (byte)'i'];

    /// <summary>The same message: prefix 1, length 24; ten bytes of header, deflated bytes, CRC-32, length 4.</summary>
    private static readonly byte[] HiGzip =
    [
        1, 0, 0, 0, 24, 0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 3, 0xE3, 0x62, 0xCA, 0xC8, 0x04, 0x00, 0x45, 0xD3, 0x37, 0xD4, 4, 0, 0, 0,
    ];

    /// <summary>The same message: prefix 1, length 12; two bytes of header, deflated bytes, Adler-32.</summary>
    private static readonly byte[] HiDeflate = [1, 0, 0, 0, 12, 0x78, 0xDA, 0xE3, 0x62, 0xCA, 0xC8, 0x04, 0x00, 0x01, 0x6B, 0x00, 0xDE];

    [Fact]
    public async Task Unary_GzipInOneBytePerWrite_IsReadAndAnsweredAsItIs()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await SendAsync(host, "gzip", [.. HiGzip.Select(value => new[] { value })]);

        Assert.Equal("0", call.Status);
        Assert.Equal(Hi, call.Body);
        Assert.False(call.Response.Headers.Contains("grpc-encoding"));
        Assert.Equal("identity,gzip,deflate", Assert.Single(call.Response.Headers.GetValues("grpc-accept-encoding")));
    }

    [Fact]
    public async Task Unary_Deflate_IsTheFormatOfZlib()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await SendAsync(host, "deflate", HiDeflate);

        Assert.Equal("0", call.Status);
        Assert.Equal(Hi, call.Body);
    }

    [Fact]
    public async Task ClientStream_CompressedAndUncompressedMessages_AreBothRead()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await SendAsync(host, "gzip", path: "/grpc_runtime.test.Echo/ClientStream", pieces: [[.. HiGzip, .. Hi], HiGzip]);

        Assert.Equal("0", call.Status);
        Assert.Equal(new EchoMessage { Text = "hihihi" }.ToByteArray(), Assert.Single(Gzip.Split(call.Body)).Message);
    }

    [Theory]
    [InlineData("snappy", "12")]
    [InlineData("GZIP", "12")] // names are what they are
    [InlineData("identity", "13")]
    [InlineData(null, "13")]
    public async Task Unary_CodingThatIsNotThere_HasItsStatusAndNamesThoseThatAre(string? encoding, string expected)
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await SendAsync(host, encoding, HiGzip);

        Assert.Equal(expected, call.Status);
        Assert.Equal("identity,gzip,deflate", Assert.Single(call.Response.Headers.GetValues("grpc-accept-encoding")));
    }

    [Fact]
    public async Task Unary_UnknownCodingWithoutCompressedMessage_IsRead()
    {
        await using EchoHost host = await EchoHost.StartAsync();

        RawCall call = await SendAsync(host, "snappy", Hi);

        Assert.Equal("0", call.Status);
    }

    [Theory]
    [InlineData("gzip", 0, 0)] // no magic number
    [InlineData("gzip", 16, 0)] // another CRC-32
    [InlineData("gzip", 20, 5)] // another length
    [InlineData("gzip", -1, 0)] // cut in the length
    [InlineData("gzip", -6, 0)] // cut in the CRC-32
    [InlineData("gzip", -9, 0)] // cut in the deflated bytes, of which nothing is lost but the end
    [InlineData("gzip", -11, 0)] // cut in the text
    [InlineData("gzip", -15, 0)] // cut in the header behind zeros, which look like the length of an empty message
    [InlineData("gzip", -16, 0)] // the same
    [InlineData("gzip", -20, 0)] // cut in the header
    [InlineData("gzip", -24, 0)] // nothing at all
    [InlineData("deflate", 0, 0)] // another method
    [InlineData("deflate", 8, 0)] // another Adler-32
    [InlineData("deflate", -1, 0)] // cut in the Adler-32
    [InlineData("deflate", -5, 0)] // cut in the deflated bytes, of which nothing is lost but the end
    [InlineData("deflate", -7, 0)] // cut in the text
    [InlineData("deflate", -12, 0)] // nothing at all
    public async Task Unary_BrokenMessage_IsInternalAndHandlerIsNotCalled(string encoding, int where, byte value)
    {
        await using EchoHost host = await EchoHost.StartAsync();
        bool called = false;
        host.Script.Unary = (request, _) =>
        {
            called = true;
            return Task.FromResult(request);
        };
        byte[] payload = (encoding == "gzip" ? HiGzip : HiDeflate)[5..];
        byte[] broken = where < 0 ? payload[..^-where] : [.. payload[..where], value, .. payload[(where + 1)..]];

        RawCall call = await SendAsync(host, encoding, Gzip.WithPrefix(1, broken));

        Assert.Equal("13", call.Status);
        Assert.False(called);
    }

    [Theory]
    [InlineData(65_536, "0")]
    [InlineData(65_537, "8")]
    [InlineData(64 * 1024 * 1024, "8")] // 64 MiB that travel as 64 KiB
    public async Task Unary_InflatedLength_IsWhatTheLimitCounts(int length, string expected)
    {
        await using EchoHost host = await EchoHost.StartAsync(options => options.MaxReceiveMessageSize = 65_536);
        byte[] message = new byte[length];

        // An unknown field takes up the whole length: number 2, bytes, three or four bytes of length.
        using (CodedOutputStream output = new(message))
        {
            output.WriteRawTag(0x12);
            output.WriteLength(length - 1 - CodedOutputStream.ComputeLengthSize(length));
        }

        RawCall call = await SendAsync(host, "gzip", Gzip.Frame(message));

        Assert.Equal(expected, call.Status);
    }

    [Fact]
    public async Task Unary_CodingsClearedAfterConfiguration_AreRefused()
    {
        await using EchoHost host = await EchoHost.StartAsync(
            services: services => services.PostConfigure<GrpcServiceOptions>(options => options.CompressionProviders.Clear()));

        RawCall call = await SendAsync(host, "gzip", HiGzip);

        Assert.Equal("12", call.Status);
        Assert.Equal("identity", Assert.Single(call.Response.Headers.GetValues("grpc-accept-encoding")));
    }

    private static Task<RawCall> SendAsync(EchoHost host, string? encoding, params byte[][] pieces) =>
        SendAsync(host, encoding, RawCall.Unary, pieces);

    private static Task<RawCall> SendAsync(EchoHost host, string? encoding, string path, byte[][] pieces) => RawCall.SendAsync(
        host,
        path,
        pieces,
        request =>
        {
            if (encoding is not null)
            {
                request.Headers.TryAddWithoutValidation("grpc-encoding", encoding);
            }
        });
}
