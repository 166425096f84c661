using System.Buffers;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>Gathers one request, with its prefix, in a pooled array.</summary>
internal sealed class RequestSerializationContext(PooledMessageBuffer buffer, int? lengthMax) : SerializationContext
{
    private bool _isComplete;

    /// <summary>Fills the buffer with a message.</summary>
    /// <param name="buffer">The buffer, empty.</param>
    /// <param name="message">The message.</param>
    /// <param name="serializer">The marshaller.</param>
    /// <param name="lengthMax">The largest length of the message in bytes, before compression; null is no limit.</param>
    /// <param name="compression">How the message is compressed; null for not at all.</param>
    /// <exception cref="RpcException">The message is too long, or the marshaller or the coding threw.</exception>
    public static void Serialize<T>(
        PooledMessageBuffer buffer,
        T message,
        Action<T, SerializationContext> serializer,
        int? lengthMax,
        MessageCompression? compression)
    {
        RequestSerializationContext context = new(buffer, lengthMax);
        try
        {
            serializer(message, context);
            if (!context._isComplete)
            {
                throw new InvalidOperationException("The marshaller did not complete the message.");
            }
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Failed to serialize the message.", exception));
        }

        MessageLimit.ThrowIfTooLongToSend(buffer.PayloadLength, lengthMax);
        if (compression is not null)
        {
            buffer.Compress(compression);
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessageLimit.ThrowIfTooLongToSend(payloadLength, lengthMax);
        buffer.Reserve(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => buffer;

    public override void Complete() => _isComplete = true;

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        MessageLimit.ThrowIfTooLongToSend(payload.Length, lengthMax);
        buffer.Write(payload);
        _isComplete = true;
    }
}
