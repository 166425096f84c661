using System.Buffers;

namespace Grpc.Core.Internal;

/// <summary>Offers a message that lies in a pipe, for as long as the marshaller runs.</summary>
internal sealed class SequenceDeserializationContext : DeserializationContext
{
    private ReadOnlySequence<byte> _payload;

    public override int PayloadLength => (int)_payload.Length;

    public override byte[] PayloadAsNewBuffer() => _payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => _payload;

    /// <summary>Runs a marshaller over a message.</summary>
    /// <exception cref="RpcException">The marshaller threw. Its own <see cref="RpcException"/> is passed on unchanged.</exception>
    public T Deserialize<T>(in ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
        where T : class
    {
        _payload = payload;
        try
        {
            return deserializer(this) ?? throw new InvalidOperationException("The marshaller returned null.");
        }
        catch (Exception exception) when (exception is not RpcException)
        {
            throw new RpcException(new Status(StatusCode.Internal, "Failed to deserialize the message.", exception));
        }
        finally
        {
            _payload = default;
        }
    }
}
