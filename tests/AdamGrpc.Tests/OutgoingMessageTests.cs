using System.Buffers;
using AdamGrpc.Tests.Support;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Client.Internal;

namespace AdamGrpc.Tests;

/// <summary>Requests of a stream, parts of which are sent from where they lie.</summary>
public sealed class OutgoingMessageTests
{
    private static readonly byte[] Long = [.. Enumerable.Range(0, 100_000).Select(i => (byte)(i * 31 / 7))];

    [Fact]
    public void Frame_OfWrittenBytesAndReferences_HasThemInTheirOrder()
    {
        OutgoingMessage message = new();
        Write(message, [1, 2]);
        Refer(message, Long.AsMemory(0, 3), ReadOnlyMemory<byte>.Empty, Long.AsMemory(50, 300));
        Write(message, [3]);
        Refer(message, Long.AsMemory(7, 1));

        Assert.Equal(307, message.PayloadLength);
        IReadOnlyList<ReadOnlyMemory<byte>> pieces = message.Frame();

        Assert.Equal([0, 0, 0, 1, 51, 1, 2, .. Long[..3], .. Long[50..350], 3, Long[7]], Join(pieces));
        Assert.DoesNotContain(pieces, piece => piece.IsEmpty);
        Assert.Contains(pieces, piece => piece.Equals(Long.AsMemory(50, 300)));
        message.Release();
    }

    [Fact]
    public void Frame_AfterRelease_HasNothingOfTheMessageBefore()
    {
        OutgoingMessage message = new();
        Refer(message, Long);
        Write(message, [1]);
        message.Release();

        Assert.Equal(0, message.PayloadLength);
        Assert.Equal([0, 0, 0, 0, 0], Join(message.Frame()));
        Refer(message, Long.AsMemory(0, 2));
        Assert.Equal([0, 0, 0, 0, 2, .. Long[..2]], Join(message.Frame()));
        message.Release();
    }

    [Fact]
    public void Serialize_BeyondTwoGibibytes_IsRefusedWithoutALimit()
    {
        ReadOnlyMemory<byte> half = new HugeMemory().Memory;

        RpcException refusal = Assert.Throws<RpcException>(() => RequestSerializationContext.Serialize(
            new OutgoingMessage(),
            half,
            (memory, context) =>
            {
                Refer((OutgoingMessage)context.GetBufferWriter(), memory, memory, memory);
                context.Complete();
            },
            lengthMax: null,
            compression: null));

        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        Assert.Contains($"{3L << 30}", refusal.Status.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 100_000)]
    [InlineData(10, 0)]
    public void GetMemory_OfAMessageOfAKnownLength_HasRoomForAllOfItWhereNoSizeIsNamed(int sizeHint, int roomMin)
    {
        OutgoingMessage message = new();
        message.Written.Expect(100_000);

        Assert.InRange(message.GetMemory(sizeHint).Length, Math.Max(roomMin, sizeHint), roomMin == 0 ? 5000 : int.MaxValue);
        message.Release();

        Assert.InRange(message.GetMemory().Length, 1, 5000);
        message.Release();
    }

    [Fact]
    public async Task Stream_OfMessagesWithReferences_ArrivesWhole()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncDuplexStreamingCall<byte[], byte[]> call = Call(host);
        foreach (byte[] data in (byte[][])[Long, [], [.. Long[..5000]], Long])
        {
            byte[] own = [.. data];
            await call.RequestStream.WriteAsync(own, CancellationToken.None);

            // It is the caller's again.
            Array.Clear(own);
            Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(data, call.ResponseStream.Current);
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext(CancellationToken.None));
    }

    [Fact]
    public async Task Stream_WithACoding_IsCompressedWithoutReferences()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        bool wasOffered = true;
        using AsyncDuplexStreamingCall<byte[], byte[]> call = Call(
            host, new CallOptions(new Metadata { { "grpc-internal-encoding-request", "gzip" } }), offered => wasOffered = offered);

        await call.RequestStream.WriteAsync(Long, CancellationToken.None);

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(Long, call.ResponseStream.Current);
        Assert.False(wasOffered);
    }

    [Fact]
    public async Task Stream_MessageThatIsTooLongWithItsReferences_IsRefused()
    {
        await using EchoHost host = await EchoHost.StartAsync();
        using AsyncDuplexStreamingCall<byte[], byte[]> call = Call(host, limit: Long.Length);

        RpcException refusal = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(Long, CancellationToken.None));

        Assert.Equal(StatusCode.ResourceExhausted, refusal.StatusCode);
        await call.RequestStream.WriteAsync(Long[1000..], CancellationToken.None);
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(Long[1000..], call.ResponseStream.Current);
    }

    /// <summary>A call of the echo that carries the bytes as the message's second field.</summary>
    private static AsyncDuplexStreamingCall<byte[], byte[]> Call(
        EchoHost host, CallOptions options = default, Action<bool>? offered = null, int? limit = null)
    {
        Marshaller<byte[]> marshaller = Marshallers.Create<byte[]>(
            (data, context) =>
            {
                IBufferWriter<byte> writer = context.GetBufferWriter();
                offered?.Invoke(writer is IBufferWriter<ReadOnlyMemory<byte>>);
                if (data.Length > 0)
                {
                    writer.Write((ReadOnlySpan<byte>)[0x12, (byte)(data.Length | 0x80), (byte)((data.Length >> 7) | 0x80), (byte)(data.Length >> 14)]);
                    if (writer is IBufferWriter<ReadOnlyMemory<byte>> memory)
                    {
                        memory.Write([data]);
                    }
                    else
                    {
                        writer.Write(data);
                    }
                }

                context.Complete();
            },
            context => Wire.EchoMessage.Parser.ParseFrom(context.PayloadAsNewBuffer()).Data.ToByteArray());
        return host.CreateChannel(channel => channel.MaxSendMessageSize = limit).CreateCallInvoker().AsyncDuplexStreamingCall(
            new Method<byte[], byte[]>(MethodType.DuplexStreaming, "grpc_runtime.test.Echo", "Duplex", marshaller, marshaller), host: null, options);
    }

    private static void Write(IBufferWriter<byte> message, byte[] bytes) => message.Write(bytes);

    private static void Refer(IBufferWriter<ReadOnlyMemory<byte>> message, params ReadOnlyMemory<byte>[] memory) => message.Write(memory);

    private static byte[] Join(IEnumerable<ReadOnlyMemory<byte>> pieces) => [.. pieces.SelectMany(piece => piece.ToArray())];

    /// <summary>Memory of 1 GiB that nobody looks at.</summary>
    private sealed class HugeMemory : MemoryManager<byte>
    {
        public override Memory<byte> Memory => CreateMemory(1 << 30);

        public override Span<byte> GetSpan() => throw new NotSupportedException();

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
