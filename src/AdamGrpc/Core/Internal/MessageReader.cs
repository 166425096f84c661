using System.Buffers;
using System.IO.Pipelines;
using Grpc.Net.Compression;

namespace Grpc.Core.Internal;

/// <summary>Takes messages out of a pipe, one at a time, and hands them to a marshaller where they lie.</summary>
/// <param name="pipe">The body of the request or response.</param>
/// <param name="deserializer">The marshaller.</param>
/// <param name="lengthMax">The largest message in bytes, before it was compressed; null is no limit.</param>
/// <param name="findCoding">The coding of compressed messages. Throws the status that ends the call when there is none.</param>
internal sealed class MessageReader<T>(
    PipeReader pipe, Func<DeserializationContext, T> deserializer, int? lengthMax, Func<ICompressionProvider> findCoding)
    where T : class
{
    private static readonly Status IncompleteMessage = new(StatusCode.Internal, "Incomplete message.");
    private static readonly Status UnknownFlag = new(StatusCode.Internal, "Unexpected compressed flag in message prefix.");

    // A length past 2 GiB is refused even without a limit: no span is as long.
    private readonly int _lengthMax = lengthMax ?? int.MaxValue;
    private readonly SequenceDeserializationContext _context = new();

    /// <summary>Reads the next message.</summary>
    /// <returns>Null at the end of the messages.</returns>
    /// <exception cref="RpcException">The bytes break the protocol, or the message is too long. It was not buffered then.</exception>
    /// <exception cref="OperationCanceledException">The read was cancelled. Nothing was consumed.</exception>
    public async ValueTask<T?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await pipe.ReadAsync(cancellationToken);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (result.IsCanceled)
            {
                pipe.AdvanceTo(buffer.Start);
                throw new OperationCanceledException();
            }

            if (TryTake(buffer, out T? message, out SequencePosition consumed))
            {
                pipe.AdvanceTo(consumed);
                return message;
            }

            pipe.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted)
            {
                return buffer.IsEmpty ? null : throw new RpcException(IncompleteMessage);
            }
        }
    }

    /// <summary>Buffers all that is still to come, without consuming it, so that what follows the messages can be seen.</summary>
    public async ValueTask BufferToEndAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await pipe.ReadAsync(cancellationToken);
            pipe.AdvanceTo(result.Buffer.Start, result.Buffer.End);
            if (result.IsCompleted || result.IsCanceled)
            {
                return;
            }
        }
    }

    private bool TryTake(in ReadOnlySequence<byte> buffer, out T? message, out SequencePosition consumed)
    {
        message = null;
        consumed = buffer.Start;
        try
        {
            if (!MessagePrefix.TryRead(buffer, out MessagePrefix prefix))
            {
                return false;
            }

            ICompressionProvider? coding = CheckPrefix(prefix);
            int length = (int)prefix.Length;
            if (buffer.Length - GrpcProtocol.PrefixSize < length)
            {
                return false;
            }

            ReadOnlySequence<byte> payload = buffer.Slice(GrpcProtocol.PrefixSize, length);
            message = coding is null ? _context.Deserialize(payload, deserializer) : Inflate(payload, coding);
            consumed = payload.End;
            return true;
        }
        catch
        {
            // Whoever catches this may still want to close the pipe in order, which needs the read to be ended.
            pipe.AdvanceTo(buffer.Start, buffer.End);
            throw;
        }
    }

    private T Inflate(in ReadOnlySequence<byte> payload, ICompressionProvider coding)
    {
        using InflatedMessage inflated = InflatedMessage.Inflate(payload, coding, _lengthMax);
        return _context.Deserialize(inflated.Content, deserializer);
    }

    /// <summary>Refuses a message that cannot be taken, before it is buffered.</summary>
    /// <returns>The coding of the message; null when it is not compressed.</returns>
    private ICompressionProvider? CheckPrefix(MessagePrefix prefix)
    {
        if (prefix.Flag is not (GrpcProtocol.NotCompressed or GrpcProtocol.Compressed))
        {
            throw new RpcException(UnknownFlag);
        }

        ICompressionProvider? coding = prefix.Flag == GrpcProtocol.Compressed ? findCoding() : null;
        MessageLimit.ThrowIfTooLongToReceive(prefix.Length, _lengthMax);
        return coding;
    }
}
