using System.Buffers;
using System.IO.Pipelines;
using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Tests.Attacks;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging.Abstractions;

namespace Adam.Service.Tests.Connections;

public sealed class GuardedConnectionTests
{
    private static readonly byte[] Broken = [.. Frames.Preface, .. Frames.Repeat(Frames.Of(Frames.Data, 0, 1), 2)];

    [Fact]
    public async Task Read_BytesExaminedManyTimes_AreCountedOnce()
    {
        var connection = Create();
        var pipe = new Pipe();
        var reader = new GuardedPipeReader(pipe.Reader, connection);
        byte[] bytes = [.. Frames.Preface, .. Frames.Of(Frames.Data, 0, 1), .. Frames.Ping];

        // All is examined each time, and nothing consumed until the end.
        foreach (var one in bytes)
        {
            await pipe.Writer.WriteAsync(new[] { one });
            var result = await reader.ReadAsync();
            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }

        await pipe.Writer.CompleteAsync();
        var last = await reader.ReadAsync();
        Assert.Equal(bytes, last.Buffer.ToArray());
        reader.AdvanceTo(last.Buffer.End);
        Assert.False(connection.IsBroken);
    }

    [Fact]
    public async Task Read_LimitBroken_LetsNothingMoreIn()
    {
        var connection = Create();
        var pipe = new Pipe();
        var reader = new GuardedPipeReader(pipe.Reader, connection);
        await pipe.Writer.WriteAsync(Broken);

        Assert.True(reader.TryRead(out var result));
        reader.AdvanceTo(result.Buffer.End);

        Assert.True(connection.IsBroken);
        await Assert.ThrowsAsync<ConnectionAbortedException>(() => reader.ReadAsync().AsTask());
        Assert.Throws<ConnectionAbortedException>(() => reader.TryRead(out _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(15)]
    [InlineData(100)]
    public void Write_GoAwayAfterABrokenLimit_SaysWhy(int pieceBytes)
    {
        var connection = Create();
        connection.Observe(new ReadOnlySequence<byte>(Broken));

        var sent = Send(connection, [.. Frames.Ping, .. GoAway(0), .. Frames.Ping], pieceBytes);

        Assert.Equal([.. Frames.Ping, .. GoAway(11), .. Frames.Ping], sent);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    public void Write_GoAwayOfAnotherReason_IsLeftAsItIs(int pieceBytes)
    {
        byte[] bytes = [.. Frames.Of(Frames.Data, 0, 1, GoAway(0)), .. GoAway(2)];

        Assert.Equal(bytes, Send(Create(), bytes, pieceBytes));
    }

    [Theory]
    [InlineData(ConnectionEnd.ProtocolError, 1, true)]
    [InlineData(ConnectionEnd.ProtocolError, 1000, true)]
    [InlineData(ConnectionEnd.FlowControlError, 13, true)]
    [InlineData(ConnectionEnd.NoError, 13, false)]
    [InlineData(ConnectionEnd.Cancel, 13, false)]
    [InlineData(ConnectionEnd.EnhanceYourCalm, 13, false)]
    public void Write_ManyResets_BreakTheLimitIfTheClientCausesThem(uint code, int pieceBytes, bool isBroken)
    {
        var connection = Create();

        Send(connection, Frames.Repeat(Frames.RstStream(1, code), 200), pieceBytes);
        Assert.False(connection.IsBroken);
        Send(connection, Frames.RstStream(1, code), pieceBytes);
        Assert.Equal(isBroken, connection.IsBroken);
    }

    private static GuardedConnection Create()
    {
        var pipe = new Pipe();
        var context = new DefaultConnectionContext { Transport = new DuplexPipe(pipe.Reader, pipe.Writer) };
        return new GuardedConnection(context, new Http2Options(), TimeProvider.System, NullLogger.Instance);
    }

    private static byte[] GoAway(byte code) => Frames.Of(Frames.GoAwayType, 0, 0, [0, 0, 0, 7, 0, 0, 0, code]);

    private static byte[] Send(GuardedConnection connection, byte[] bytes, int pieceBytes)
    {
        using var output = new MemoryStream();
        var writer = new GuardedPipeWriter(PipeWriter.Create(output, new StreamPipeWriterOptions(leaveOpen: true)), new OutgoingFrames(connection));
        foreach (var piece in bytes.Chunk(pieceBytes))
        {
            piece.CopyTo(writer.GetSpan(piece.Length));
            writer.Advance(piece.Length);
        }

        writer.Complete();
        return output.ToArray();
    }
}
