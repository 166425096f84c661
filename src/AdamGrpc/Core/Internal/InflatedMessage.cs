using System.Buffers;
using Grpc.Net.Compression;

namespace Grpc.Core.Internal;

/// <summary>
/// A message that was compressed, in pooled pieces. Its length is not known before its last byte, and a few bytes can inflate to
/// gigabytes: the limit is looked at piece by piece, so that never more is held than the limit and one piece.
/// </summary>
internal sealed class InflatedMessage : IDisposable
{
    /// <summary>The size of the pieces, which is one of the pool's own sizes: it gives no larger ones.</summary>
    public const int PieceBytes = 64 * 1024;

    private static readonly Status Malformed = new(StatusCode.Internal, "Failed to decompress the message.");

    private readonly List<byte[]> _pieces = [];
    private long _length;

    private InflatedMessage()
    {
    }

    /// <summary>The message. Valid until this is disposed.</summary>
    public ReadOnlySequence<byte> Content { get; private set; }

    /// <summary>Inflates a message.</summary>
    /// <param name="compressed">The compressed bytes.</param>
    /// <param name="provider">Their coding.</param>
    /// <param name="lengthMax">The largest length of the message in bytes.</param>
    /// <exception cref="RpcException">The message is too long, or the bytes are none of that coding.</exception>
    public static InflatedMessage Inflate(in ReadOnlySequence<byte> compressed, ICompressionProvider provider, int lengthMax)
    {
        InflatedMessage message = new();
        try
        {
            using SequenceStream source = new(compressed);
            using Stream inflating = provider.CreateDecompressionStream(source);
            message.Fill(inflating, lengthMax);
            message.Content = message.Link();
            return message;
        }
        catch (Exception exception)
        {
            message.Dispose();
            throw exception is RpcException ? exception : new RpcException(new Status(Malformed.StatusCode, Malformed.Detail, exception));
        }
    }

    /// <summary>Gives the pieces back.</summary>
    public void Dispose()
    {
        Content = default;
        _pieces.ForEach(piece => ArrayPool<byte>.Shared.Return(piece));
        _pieces.Clear();
    }

    private void Fill(Stream inflating, int lengthMax)
    {
        while (true)
        {
            int used = (int)(_length % PieceBytes);
            if (used == 0 && _length == (long)_pieces.Count * PieceBytes)
            {
                _pieces.Add(ArrayPool<byte>.Shared.Rent(PieceBytes));
            }

            int read = inflating.Read(_pieces[^1], used, PieceBytes - used);
            if (read == 0)
            {
                return;
            }

            _length += read;
            MessageLimit.ThrowIfTooLongInflated(_length, lengthMax);
        }
    }

    private ReadOnlySequence<byte> Link()
    {
        Piece first = new(_pieces[0].AsMemory(0, (int)Math.Min(_length, PieceBytes)), 0);
        Piece last = first;
        for (int i = 1; i < _pieces.Count; i++)
        {
            long start = (long)i * PieceBytes;
            last = last.Append(_pieces[i].AsMemory(0, (int)Math.Min(_length - start, PieceBytes)));
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Piece Append(ReadOnlyMemory<byte> memory)
        {
            Piece next = new(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}
