using System.Buffers;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// Takes messages out of a response stream, one at a time. What is known to belong to a message is read straight to where the message will
/// lie in one piece. A stream that is waited for holds no memory.
/// </summary>
/// <param name="stream">The body of the response.</param>
/// <param name="parser">Finds the messages.</param>
/// <param name="isShort">Whether the stream has one message and ends with it: what it waits for comes at once, or not at all.</param>
internal sealed class StreamMessageReader<T>(Stream stream, MessageParser<T> parser, bool isShort)
    where T : class
{
    /// <summary>What is read at a time while it is not known what comes.</summary>
    private const int FirstBytes = 32 * 1024;

    /// <summary>The same where little is to be expected.</summary>
    private const int FirstBytesOfShort = 4 * 1024;

    /// <summary>How much is set aside for a message on the word of its prefix alone; for more, twice of what has come.</summary>
    private const int TrustedBytes = (1 << 20) + FirstBytes;

    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private bool _isEnded;

    private int Count => _end - _start;

    /// <summary>Reads the next message.</summary>
    /// <returns>Null at the end of the messages.</returns>
    /// <exception cref="RpcException">The bytes break the protocol, or the message is too long. It was not buffered then.</exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(out T? message))
            {
                return message;
            }

            if (_isEnded)
            {
                return Count == 0 ? null : throw MessageParser<T>.Incomplete();
            }

            if (Count == 0 && !isShort)
            {
                await WaitAsync(cancellationToken);
            }

            await FillAsync(cancellationToken);
        }
    }

    /// <summary>Buffers all that is still to come, without consuming it, so that what follows the messages can be seen.</summary>
    public async ValueTask BufferToEndAsync(CancellationToken cancellationToken)
    {
        while (!_isEnded)
        {
            if (_end == _buffer.Length)
            {
                Move(Math.Max(FirstBytes, Count * 2L));
            }

            await ReadSomeAsync(_buffer.Length - _end, cancellationToken);
        }
    }

    private bool TryTake(out T? message)
    {
        message = null;
        if (Count < GrpcProtocol.PrefixSize)
        {
            return false;
        }

        ReadOnlySequence<byte> bytes = new(_buffer, _start, Count);
        if (!parser.TryTake(bytes, out message, out SequencePosition consumed))
        {
            return false;
        }

        _start += (int)bytes.GetOffset(consumed) - _start;
        if (Count == 0)
        {
            (_start, _end) = (0, 0);
        }

        return true;
    }

    /// <summary>Waits for the next bytes. If that takes time, the memory goes back in the meantime.</summary>
    private async ValueTask WaitAsync(CancellationToken cancellationToken)
    {
        ValueTask<int> wait = stream.ReadAsync(Memory<byte>.Empty, cancellationToken);
        if (!wait.IsCompleted)
        {
            Return(_buffer);
            (_buffer, _start, _end) = ([], 0, 0);
        }

        await wait;
    }

    /// <summary>Reads more: of a message whose prefix has come, no more than belongs to it.</summary>
    private ValueTask FillAsync(CancellationToken cancellationToken)
    {
        long needed = 0;
        if (MessagePrefix.TryRead(new ReadOnlySequence<byte>(_buffer, _start, Count), out MessagePrefix prefix))
        {
            needed = prefix.Length + (long)GrpcProtocol.PrefixSize;
        }

        long room = needed > 0 ? Math.Min(needed, Math.Max(TrustedBytes, Count * 2L)) : isShort ? FirstBytesOfShort : FirstBytes;
        if (_buffer.Length - _start < room)
        {
            Move(room);
        }

        return ReadSomeAsync((int)(room - Count), cancellationToken);
    }

    private async ValueTask ReadSomeAsync(int count, CancellationToken cancellationToken)
    {
        int read = await stream.ReadAsync(_buffer.AsMemory(_end, Math.Min(count, _buffer.Length - _end)), cancellationToken);
        _end += read;
        if (read == 0)
        {
            _isEnded = true;
            if (Count == 0)
            {
                Return(_buffer);
                (_buffer, _start, _end) = ([], 0, 0);
            }
        }
    }

    /// <summary>Takes what has come to a place with more room.</summary>
    private void Move(long room)
    {
        byte[] larger = ArrayPool<byte>.Shared.Rent((int)Math.Min(room, Array.MaxLength));
        _buffer.AsSpan(_start, Count).CopyTo(larger);
        Return(_buffer);
        (_buffer, _start, _end) = (larger, 0, Count);
    }

    private static void Return(byte[] buffer)
    {
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
