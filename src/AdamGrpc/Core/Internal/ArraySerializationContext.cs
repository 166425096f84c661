using System.Buffers;

namespace Grpc.Core.Internal;

/// <summary>Gathers a message in an array, for users of <see cref="Marshaller{T}.Serializer"/>.</summary>
internal sealed class ArraySerializationContext : SerializationContext
{
    private ArrayBufferWriter<byte>? _writer;
    private byte[]? _payload;

    public static byte[] Serialize<T>(Action<T, SerializationContext> serializer, T message)
    {
        ArraySerializationContext context = new();
        serializer(message, context);
        return context._payload ?? throw new InvalidOperationException("The marshaller did not complete the message.");
    }

    public override void Complete(byte[] payload) => _payload = payload;

    public override IBufferWriter<byte> GetBufferWriter() => _writer ??= new ArrayBufferWriter<byte>();

    public override void SetPayloadLength(int payloadLength) => _writer ??= new ArrayBufferWriter<byte>(Math.Max(1, payloadLength));

    public override void Complete() => _payload = _writer?.WrittenSpan.ToArray() ?? [];
}
