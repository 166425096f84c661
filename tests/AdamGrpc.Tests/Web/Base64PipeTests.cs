using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using Grpc.AspNetCore.Web.Internal;
using Grpc.Core;

namespace AdamGrpc.Tests.Web;

/// <summary>Base64 in whatever parts it comes and goes.</summary>
public sealed class Base64PipeTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Read_PartsOfAnyLength_GivesAllBytes(int partLength)
    {
        byte[] bytes = Bytes(1000);
        byte[] text = Encoding.ASCII.GetBytes(Convert.ToBase64String(bytes[..100]) + Convert.ToBase64String(bytes[100..]));
        Pipe pipe = new();
        Base64PipeReader reader = new(pipe.Reader);
        ArrayBufferWriter<byte> received = new();

        for (int start = 0; start < text.Length; start += partLength)
        {
            await pipe.Writer.WriteAsync(text.AsMemory(start, Math.Min(partLength, text.Length - start)));
            while (reader.TryRead(out ReadResult part))
            {
                // Half is taken and everything looked at, as by a reader whose message is not complete.
                SequencePosition half = part.Buffer.GetPosition(part.Buffer.Length / 2);
                received.Write(part.Buffer.Slice(0, half).ToArray());
                reader.AdvanceTo(half, part.Buffer.End);
            }
        }

        await pipe.Writer.CompleteAsync();
        ReadResult rest = await reader.ReadAsync();
        received.Write(rest.Buffer.ToArray());

        Assert.True(rest.IsCompleted);
        Assert.Equal(bytes, received.WrittenSpan.ToArray());
    }

    [Fact]
    public async Task Read_EndInTheMiddleOfAQuantum_Fails()
    {
        Pipe pipe = new();
        await pipe.Writer.WriteAsync("AAAAA"u8.ToArray());
        await pipe.Writer.CompleteAsync();

        await Assert.ThrowsAsync<RpcException>(async () => await new Base64PipeReader(pipe.Reader).ReadAsync());
    }

    [Fact]
    public async Task Read_ThatIsCancelled_SaysSoAndGoesOn()
    {
        Pipe pipe = new();
        Base64PipeReader reader = new(pipe.Reader);
        ValueTask<ReadResult> pending = reader.ReadAsync();

        reader.CancelPendingRead();
        ReadResult cancelled = await pending;
        reader.AdvanceTo(cancelled.Buffer.Start);
        await pipe.Writer.WriteAsync("AQID"u8.ToArray());
        ReadResult next = await reader.ReadAsync();

        Assert.True(cancelled.IsCanceled);
        Assert.Equal([1, 2, 3], next.Buffer.ToArray());
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 7)]
    [InlineData(3, 1000)]
    [InlineData(5000, 3)]
    [InlineData(100_000, 1)]
    public async Task Write_PartsOfAnyLength_CanBeDecodedPieceByPiece(int partLength, int partsPerFlush)
    {
        byte[] bytes = Bytes(200_000);
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        Base64PipeWriter writer = new(pipe.Writer);
        ArrayBufferWriter<byte> decoded = new();
        int parts = 0;

        for (int start = 0; start < bytes.Length; start += partLength)
        {
            writer.Write(bytes.AsSpan(start, Math.Min(partLength, bytes.Length - start)));
            if (++parts % partsPerFlush == 0 || start + partLength >= bytes.Length)
            {
                await writer.FlushAsync();
                ReadResult piece = await pipe.Reader.ReadAsync();
                decoded.Write(Convert.FromBase64String(Encoding.ASCII.GetString(piece.Buffer)));
                pipe.Reader.AdvanceTo(piece.Buffer.End);
            }
        }

        Assert.Equal(bytes, decoded.WrittenSpan.ToArray());
        Assert.Equal(0, writer.UnflushedBytes);
    }

    private static byte[] Bytes(int length)
    {
        byte[] bytes = new byte[length];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
