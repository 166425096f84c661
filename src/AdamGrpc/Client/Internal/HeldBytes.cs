using System.Buffers;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// Bytes of a request stream that wait for more: small messages that are announced to be followed by others (<see cref="Grpc.Core.WriteFlags.BufferHint"/>)
/// leave together. A write to the handler, however small, is a frame of its own and a change of threads.
/// </summary>
internal sealed class HeldBytes
{
    /// <summary>As many as a DATA frame takes.</summary>
    public const int Capacity = 16 * 1024;

    private byte[]? _bytes;
    private int _count;

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _bytes is null;

    /// <summary>Writes pieces to a stream, and holds those that there is room for.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="pieces">What is to be written. Nothing refers to it when the task ends, whatever comes of it.</param>
    /// <param name="cancellationToken">Ends the write.</param>
    public async ValueTask WriteAsync(Stream stream, IReadOnlyList<ReadOnlyMemory<byte>> pieces, CancellationToken cancellationToken)
    {
        for (int i = 0; i < pieces.Count; i++)
        {
            if (TryHold(pieces[i].Span))
            {
                continue;
            }

            await SendAsync(stream, cancellationToken);
            if (!TryHold(pieces[i].Span))
            {
                // Whoever is told that this has failed may use the memory again: the handler has copied what it sends, or drops it.
                await stream.WriteAsync(pieces[i], cancellationToken);
            }
        }
    }

    /// <summary>Writes what is held.</summary>
    public async ValueTask SendAsync(Stream stream, CancellationToken cancellationToken)
    {
        if (_bytes is null)
        {
            return;
        }

        try
        {
            await stream.WriteAsync(_bytes.AsMemory(0, _count), cancellationToken);
        }
        finally
        {
            // A stream that is silent holds no memory.
            ArrayPool<byte>.Shared.Return(_bytes);
            (_bytes, _count) = (null, 0);
        }
    }

    private bool TryHold(ReadOnlySpan<byte> piece)
    {
        if (piece.Length > Capacity - _count)
        {
            return false;
        }

        _bytes ??= ArrayPool<byte>.Shared.Rent(Capacity);
        piece.CopyTo(_bytes.AsSpan(_count));
        _count += piece.Length;
        return true;
    }
}
