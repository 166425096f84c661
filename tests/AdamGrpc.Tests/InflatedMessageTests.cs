using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Core.Internal;
using Grpc.Net.Compression;

namespace AdamGrpc.Tests;

public sealed class InflatedMessageTests
{
    /// <summary>What may be held beyond the limit.</summary>
    private const int PieceBytes = 64 * 1024;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PieceBytes - 1)]
    [InlineData(PieceBytes)]
    [InlineData(PieceBytes + 1)]
    [InlineData(3 * PieceBytes)]
    public void Inflate_MessageOfExactlyTheLimit_IsWhole(int length)
    {
        byte[] message = new byte[length];
        new Random(1).NextBytes(message);
        Counting coding = new(new MemoryStream(message), bytesAtOnce: 1000);

        using InflatedMessage inflated = InflatedMessage.Inflate(default, coding, length);

        Assert.Equal(message, inflated.Content.ToArray());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(PieceBytes)]
    [InlineData(PieceBytes + 1)]
    [InlineData(1_000_000)]
    public void Inflate_EndlessMessage_StopsWithinOnePieceOfTheLimit(int limit)
    {
        using Counting coding = new(new Zeros(), int.MaxValue);

        RpcException exception = Assert.Throws<RpcException>(() => InflatedMessage.Inflate(default, coding, limit));

        Assert.Equal(StatusCode.ResourceExhausted, exception.StatusCode);
        Assert.InRange(coding.BytesOffered, limit + 1L, (long)limit + PieceBytes);
    }

    [Fact]
    public void Inflate_EmptyPartOfPieces_IsReadAsEmpty()
    {
        Segment first = new([1, 2, 3]);
        ReadOnlySequence<byte> pieces = new(first, 0, first.Append([4]), 1);

        using InflatedMessage inflated = InflatedMessage.Inflate(pieces.Slice(3, 0), new AsItIs(), lengthMax: 10);

        Assert.True(inflated.Content.IsEmpty);
    }

    [Fact]
    public void Inflate_MessageInPieces_IsReadInOrder()
    {
        Segment first = new([1, 2, 3]);
        ReadOnlySequence<byte> pieces = new(first, 1, first.Append([]).Append([4]), 1);

        using InflatedMessage inflated = InflatedMessage.Inflate(pieces, new AsItIs(), lengthMax: 10);

        Assert.Equal([2, 3, 4], inflated.Content.ToArray());
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(byte[] bytes) => Memory = bytes;

        public Segment Append(byte[] bytes)
        {
            Segment next = new(bytes) { RunningIndex = RunningIndex + Memory.Length };
            Next = next;
            return next;
        }
    }

    /// <summary>A coding that changes nothing, and reads all of its source at once.</summary>
    private sealed class AsItIs : ICompressionProvider
    {
        public string EncodingName => "as-it-is";

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => throw new NotSupportedException();

        public Stream CreateDecompressionStream(Stream stream)
        {
            MemoryStream copy = new();
            stream.CopyTo(copy);
            copy.Position = 0;
            return copy;
        }
    }

    /// <summary>A coding whose messages are what a stream gives, and which counts the room that it was given to put them.</summary>
    private sealed class Counting(Stream source, int bytesAtOnce) : Stream, ICompressionProvider
    {
        public long BytesOffered { get; private set; }

        public string EncodingName => "counting";

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) => throw new NotSupportedException();

        public Stream CreateDecompressionStream(Stream stream) => this;

        public override int Read(byte[] buffer, int offset, int count)
        {
            BytesOffered += count;
            return source.Read(buffer, offset, Math.Min(count, bytesAtOnce));
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private sealed class Zeros : MemoryStream
    {
        public override int Read(byte[] buffer, int offset, int count) => count;
    }
}
