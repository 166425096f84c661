using System.Buffers;

namespace Grpc.Core;

/// <summary>Where a marshaller puts the bytes of a message.</summary>
public abstract class SerializationContext
{
    /// <summary>Hands over the whole message as an array. Used alone, without the other members.</summary>
    /// <param name="payload">The message. The caller gives it away.</param>
    public virtual void Complete(byte[] payload) => throw new NotSupportedException();

    /// <summary>The buffer to write the message to; <see cref="Complete()"/> ends it.</summary>
    public virtual IBufferWriter<byte> GetBufferWriter() => throw new NotSupportedException();

    /// <summary>
    /// Announces the length of the message before its first byte is written. Optional, and saves a copy: without it the message is
    /// gathered in a buffer of its own, because its length is sent before it.
    /// </summary>
    /// <param name="payloadLength">The length in bytes.</param>
    public virtual void SetPayloadLength(int payloadLength) => throw new NotSupportedException();

    /// <summary>Says that the message is complete in the buffer of <see cref="GetBufferWriter"/>.</summary>
    public virtual void Complete() => throw new NotSupportedException();
}
