using System.Buffers;
using Google.Protobuf;

namespace Adam.V1;

/// <summary>
/// Reads a message that is nothing but one chunk, which in a training nearly all are, without an array of its own for the elements. What is
/// not exactly that is left to the generated parser.
/// </summary>
internal static class ChunkReader
{
    private const int VarintBytesMax = 10;

    /// <summary>Reads the chunk.</summary>
    /// <param name="message">The message.</param>
    /// <param name="field">The number of the field that a chunk has in it, below 16.</param>
    /// <returns>Null if there is anything else in the message, or something is odd about the chunk.</returns>
    public static TensorChunk? TryRead(in ReadOnlySequence<byte> message, int field)
    {
        var reader = new SequenceReader<byte>(message);
        if (!reader.TryRead(out byte tag)
            || tag != Tag(field, WireFormat.WireType.LengthDelimited)
            || !TryReadVarint(ref reader, out ulong length)
            || length != (ulong)reader.Remaining)
        {
            return null;
        }

        var chunk = new TensorChunk();
        while (reader.TryRead(out tag))
        {
            if (tag == Tag(TensorChunk.DataFieldNumber, WireFormat.WireType.LengthDelimited))
            {
                // The elements come last; a chunk that goes on behind them is for the generated parser.
                if (!TryReadVarint(ref reader, out ulong bytes) || bytes != (ulong)reader.Remaining)
                {
                    return null;
                }

                if (TensorSink.Current is not { } sink || !sink.TryTake(chunk, reader.UnreadSequence))
                {
                    chunk.Data = TensorPayload.CopyFrom(reader.UnreadSequence);
                }

                return chunk;
            }

            if ((tag & 7) != (int)WireFormat.WireType.Varint || !TryReadVarint(ref reader, out ulong value) || !TrySet(chunk, tag >> 3, value))
            {
                return null;
            }
        }

        return chunk;
    }

    private static bool TrySet(TensorChunk chunk, int field, ulong value)
    {
        // As the generated parser does it: numbers that are too long for a field lose their upper bits.
        switch (field)
        {
            case TensorChunk.TensorIndexFieldNumber:
                chunk.TensorIndex = (uint)value;
                return true;
            case TensorChunk.SlotFieldNumber:
                chunk.Slot = (Slot)(int)value;
                return true;
            case TensorChunk.OffsetFieldNumber:
                chunk.Offset = value;
                return true;
            case TensorChunk.DtypeFieldNumber:
                chunk.Dtype = (DType)(int)value;
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadVarint(ref SequenceReader<byte> reader, out ulong value)
    {
        value = 0;
        for (int i = 0; i < VarintBytesMax && reader.TryRead(out byte part); i++)
        {
            value |= (ulong)(part & 0x7F) << (7 * i);
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static int Tag(int field, WireFormat.WireType type) => (field << 3) | (int)type;
}
