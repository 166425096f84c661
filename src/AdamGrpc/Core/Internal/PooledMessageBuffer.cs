using System.Buffers;
using Grpc.Net.Compression;

namespace Grpc.Core.Internal;

/// <summary>
/// Gathers one message in a pooled array, behind room for its prefix. Used where the length is not known before the message is written, and
/// where prefix and payload are to leave in one piece.
/// </summary>
internal sealed class PooledMessageBuffer : IBufferWriter<byte>
{
    private const int FirstCapacity = 1024;

    private byte[]? _array;
    private int _length = GrpcProtocol.PrefixSize;
    private int _expectedLength;
    private bool _isCompressed;

    /// <summary>The length of the message so far, without the prefix.</summary>
    public int PayloadLength => _length - GrpcProtocol.PrefixSize;

    /// <summary>The message so far, without the prefix.</summary>
    public ReadOnlySpan<byte> Payload => _array is null ? default : _array.AsSpan(GrpcProtocol.PrefixSize, PayloadLength);

    /// <summary>
    /// Says how long the message will be. There is room for all of it as soon as somebody asks for room without naming a size: who names sizes may have the rest
    /// elsewhere.
    /// </summary>
    public void Expect(int payloadLength) => _expectedLength = payloadLength;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array is null ? 0 : _array.Length - _length);
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0) => Grow(NeededFor(sizeHint)).AsMemory(_length);

    public Span<byte> GetSpan(int sizeHint = 0) => Grow(NeededFor(sizeHint)).AsSpan(_length);

    /// <summary>
    /// Compresses the message, if that makes it shorter. One that only grows by it travels as it is, which the prefix says of each.
    /// </summary>
    /// <exception cref="RpcException">The coding failed.</exception>
    public void Compress(MessageCompression compression)
    {
        PooledMessageBuffer shorter = new();
        try
        {
            using (Stream stream = compression.Provider.CreateCompressionStream(new BufferWriterStream(shorter), compression.Level))
            {
                stream.Write(Payload);
            }

            if (shorter.PayloadLength < PayloadLength)
            {
                (_array, shorter._array) = (shorter._array, _array);
                _length = shorter._length;
                _isCompressed = true;
            }
        }
        catch (Exception exception)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Failed to compress the message.", exception));
        }
        finally
        {
            shorter.Release();
        }
    }

    /// <summary>Writes the prefix and gives the message with it. Valid until the buffer is released.</summary>
    /// <param name="otherBytes">Bytes of the message that lie elsewhere.</param>
    public ReadOnlyMemory<byte> Frame(int otherBytes = 0)
    {
        byte[] array = Grow(0);
        MessagePrefix.Write(array, PayloadLength + otherBytes, _isCompressed);
        return array.AsMemory(0, _length);
    }

    /// <summary>Gives the array back and begins anew.</summary>
    public void Release()
    {
        byte[]? array = _array;
        _array = null;
        _length = GrpcProtocol.PrefixSize;
        _expectedLength = 0;
        _isCompressed = false;
        if (array is not null)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private int NeededFor(int sizeHint) => sizeHint > 0 ? sizeHint : Math.Max(1, _expectedLength - PayloadLength);

    private byte[] Grow(int additional)
    {
        byte[]? array = _array;
        int needed = checked(_length + additional);
        if (array is not null && array.Length >= needed)
        {
            return array;
        }

        // Doubling keeps the copies linear; an exact reservation is taken as it is.
        long doubled = Math.Min((array?.Length ?? 0) * 2L, Array.MaxLength);
        long first = array is null && additional <= FirstCapacity ? FirstCapacity : 0;
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Max(needed, Math.Max(doubled, first)));
        if (array is not null)
        {
            array.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(array);
        }

        _array = larger;
        return larger;
    }
}
