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

    /// <summary>Writes a prefix.</summary>
    /// <param name="destination">Where to.</param>
    /// <param name="length">The length of what follows in bytes.</param>
    /// <param name="isCompressed">Whether what follows is compressed.</param>
    public static void Write(Span<byte> destination, int length, bool isCompressed = false)
    {
        destination[0] = isCompressed ? GrpcProtocol.Compressed : GrpcProtocol.NotCompressed;
        BinaryPrimitives.WriteUInt32BigEndian(destination[1..], (uint)length);
    }
}
