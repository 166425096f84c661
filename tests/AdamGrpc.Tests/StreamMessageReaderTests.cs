using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Client.Internal;

namespace AdamGrpc.Tests;

public sealed class StreamMessageReaderTests
{
    private const int LengthMax = 5 << 20;

    private static readonly byte[] Hi = [0, 0, 0, 0, 4, 0x0A, 0x02, 0x68, 0x69];
    private static readonly byte[] Empty = [0, 0, 0, 0, 0];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(1000)]
    public async Task Read_OneMessage_ReturnsIt(int step) => Assert.Equal(Hi[5..], await ReadAsync(Hi, step));

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    public async Task Read_EmptyMessage_ReturnsIt(int step) => Assert.Equal(Empty[5..], await ReadAsync(Empty, step));

    [Fact]
    public async Task Read_NoMessage_ReturnsNull() => Assert.Null(await ReadAsync([], 1));

    [Theory]
    [InlineData(4091)]
    [InlineData(4092)]
    [InlineData(100_000)]
    [InlineData(LengthMax)]
    public async Task Read_LongMessage_ReturnsAllOfIt(int length)
    {
        byte[] payload = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 / 7))];

        Assert.Equal(payload, await ReadAsync(Framed(payload), 4099));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(100_000)]
    public async Task Read_ShortAndLongMessagesInTurns_ReturnsEach(int step)
    {
        byte[] middle = [.. Enumerable.Range(0, 40_000).Select(i => (byte)(i * 31 / 7))];
        using PiecewiseStream stream = new([.. Hi, .. Framed(middle), .. Empty, .. Hi, .. Framed(middle)], step);
        StreamMessageReader<byte[]> reader = Open(stream);

        Assert.Equal(Hi[5..], await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(middle, await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(Empty[5..], await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(Hi[5..], await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(middle, await reader.ReadAsync(CancellationToken.None));
        Assert.Null(await reader.ReadAsync(CancellationToken.None));
        Assert.Null(await reader.ReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public async Task BufferToEnd_InTheMiddle_KeepsWhatIsToCome(int step)
    {
        byte[] large = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31 / 7))];
        using PiecewiseStream stream = new([.. Hi, .. Framed(large), .. Hi], step);
        StreamMessageReader<byte[]> reader = Open(stream);

        Assert.Equal(Hi[5..], await reader.ReadAsync(CancellationToken.None));
        await reader.BufferToEndAsync(CancellationToken.None);

        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
        Assert.Equal(large, await reader.ReadAsync(CancellationToken.None));
        Assert.Equal(Hi[5..], await reader.ReadAsync(CancellationToken.None));
        Assert.Null(await reader.ReadAsync(CancellationToken.None));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    public async Task Read_StreamThatEndsWithinTheMessage_IsRefused(int length)
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(Hi[..length], 2));

        Assert.Equal(StatusCode.Internal, exception.StatusCode);
        Assert.Equal("Incomplete message.", exception.Status.Detail);
    }

    [Fact]
    public async Task Read_MessageAboveTheLimit_IsRefusedByItsPrefix()
    {
        byte[] prefix = new byte[5];
        MessagePrefix.Write(prefix, LengthMax + 1);
        using PiecewiseStream stream = new([.. prefix, 1, 2, 3], 5);

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => ReadAsync(stream));

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
        Assert.Equal(1, stream.Reads);
    }

    private static byte[] Framed(byte[] payload)
    {
        byte[] framed = new byte[GrpcProtocol.PrefixSize + payload.Length];
        MessagePrefix.Write(framed, payload.Length);
        payload.CopyTo(framed, GrpcProtocol.PrefixSize);
        return framed;
    }

    private static async Task<byte[]?> ReadAsync(byte[] bytes, int step)
    {
        using PiecewiseStream stream = new(bytes, step);
        return await ReadAsync(stream);
    }

    // As a stream of one message, and as one of many.
    private static async Task<byte[]?> ReadAsync(Stream stream)
    {
        byte[]? only = await Open(stream, isShort: true).ReadAsync(CancellationToken.None);
        stream.Position = 0;
        Assert.Equal(only, await Open(stream).ReadAsync(CancellationToken.None));
        return only;
    }

    private static StreamMessageReader<byte[]> Open(Stream stream, bool isShort = false) => new(
        stream,
        new MessageParser<byte[]>(
            context => context.PayloadAsNewBuffer(),
            LengthMax,
            () => throw new RpcException(new Status(StatusCode.Unimplemented, ""))),
        isShort);

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class PiecewiseStream(byte[] bytes, int step) : MemoryStream(bytes)
    {
        public int Reads { get; private set; }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Reads += buffer.IsEmpty ? 0 : 1;
            return base.ReadAsync(buffer[..Math.Min(step, buffer.Length)], cancellationToken);
        }
    }
}
