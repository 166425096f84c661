using System.Buffers;
using System.Buffers.Binary;

namespace Grpc.Core.Internal;

/// <summary>The five bytes before each message.</summary>
internal readonly record struct MessagePrefix(byte Flag, uint Length)
{
    /// <summary>Reads a prefix when all of its bytes are there, however they are spread over segments.</summary>
    public static bool TryRead(in ReadOnlySequence<byte> buffer, out MessagePrefix prefix)
    {
        if (buffer.Length < GrpcProtocol.PrefixSize)
        {
            prefix = default;
            return false;
        }

        Span<byte> bytes = stackalloc byte[GrpcProtocol.PrefixSize];
        buffer.Slice(0, GrpcProtocol.PrefixSize).CopyTo(bytes);
        prefix = new MessagePrefix(bytes[0], BinaryPrimitives.ReadUInt32BigEndian(bytes[1..]));
        return true;
    }

    /// <summary>Writes the prefix of a message that is not compressed.</summary>
    public static void Write(Span<byte> destination, int length)
    {
        destination[0] = GrpcProtocol.NotCompressed;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)length);
    }
}
