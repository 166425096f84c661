using System.Buffers;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>Gathers one request, with its prefix, in a pooled array.</summary>
internal sealed class RequestSerializationContext(PooledMessageBuffer buffer, IBufferWriter<byte> writer, int? lengthMax) : SerializationContext
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
        Run(new RequestSerializationContext(buffer, buffer, lengthMax), message, serializer);
        MessageLimit.ThrowIfTooLongToSend(buffer.PayloadLength, lengthMax);
        if (compression is not null)
        {
            buffer.Compress(compression);
        }
    }

    /// <summary>The same for a message that may refer to memory. One that is compressed does not.</summary>
    /// <inheritdoc cref="Serialize{T}(PooledMessageBuffer, T, Action{T, SerializationContext}, int?, MessageCompression?)" path="/param"/>
    /// <inheritdoc cref="Serialize{T}(PooledMessageBuffer, T, Action{T, SerializationContext}, int?, MessageCompression?)" path="/exception"/>
    public static void Serialize<T>(
        OutgoingMessage buffer,
        T message,
        Action<T, SerializationContext> serializer,
        int? lengthMax,
        MessageCompression? compression)
    {
        if (compression is not null)
        {
            Serialize(buffer.Written, message, serializer, lengthMax, compression);
            return;
        }

        Run(new RequestSerializationContext(buffer.Written, buffer, lengthMax), message, serializer);
        MessageLimit.ThrowIfTooLongToSend(buffer.PayloadLength, lengthMax ?? int.MaxValue);
    }

    private static void Run<T>(RequestSerializationContext context, T message, Action<T, SerializationContext> serializer)
    {
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
    }

    public override void SetPayloadLength(int payloadLength)
    {
        MessageLimit.ThrowIfTooLongToSend(payloadLength, lengthMax);
        buffer.Expect(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => writer;

    public override void Complete() => _isComplete = true;

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        MessageLimit.ThrowIfTooLongToSend(payload.Length, lengthMax);
        buffer.Write(payload);
        _isComplete = true;
    }
}
