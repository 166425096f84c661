using System.Buffers;

namespace Grpc.Core.Internal;

/// <summary>Offers a message that lies in an array, for users of <see cref="Marshaller{T}.Deserializer"/>.</summary>
internal sealed class ArrayDeserializationContext(byte[] payload) : DeserializationContext
{
    public override int PayloadLength => payload.Length;

    public override byte[] PayloadAsNewBuffer() => (byte[])payload.Clone();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => new(payload);
}
