using System.Buffers;
using Grpc.Net.Compression;

namespace Grpc.Core.Internal;

/// <summary>Finds messages in the bytes of a stream, and hands them to a marshaller where they lie.</summary>
/// <param name="deserializer">The marshaller.</param>
/// <param name="lengthMax">The largest message in bytes, before it was compressed; null is no limit.</param>
/// <param name="findCoding">The coding of compressed messages. Throws the status that ends the call when there is none.</param>
internal sealed class MessageParser<T>(Func<DeserializationContext, T> deserializer, int? lengthMax, Func<ICompressionProvider> findCoding)
    where T : class
{
    private static readonly Status UnknownFlag = new(StatusCode.Internal, "Unexpected compressed flag in message prefix.");

    // A length past 2 GiB is refused even without a limit: no span is as long.
    private readonly int _lengthMax = lengthMax ?? int.MaxValue;
    private readonly SequenceDeserializationContext _context = new();

    /// <summary>What a stream that ends within a message is answered with.</summary>
    public static RpcException Incomplete() => new(new Status(StatusCode.Internal, "Incomplete message."));

    /// <summary>Takes the next message.</summary>
    /// <param name="buffer">What has come and was not taken yet.</param>
    /// <param name="message">The message.</param>
    /// <param name="consumed">Its end.</param>
    /// <returns>False when it is not all there.</returns>
    /// <exception cref="RpcException">The bytes break the protocol, or the message is too long, which its prefix tells.</exception>
    public bool TryTake(in ReadOnlySequence<byte> buffer, out T? message, out SequencePosition consumed)
    {
        message = null;
        consumed = buffer.Start;
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
