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

            if (tag == Tag(TensorChunk.RowIdsFieldNumber, WireFormat.WireType.LengthDelimited))
            {
                if (chunk.RowIds is not null || !TryReadRows(ref reader, chunk))
                {
                    return null;
                }

                continue;
            }

            if ((tag & 7) != (int)WireFormat.WireType.Varint || !TryReadVarint(ref reader, out ulong value) || !TrySet(chunk, tag >> 3, value))
            {
                return null;
            }
        }

        return chunk;
    }

    // Every row has at least one byte of elements. A chunk with more rows than bytes is refused whatever they are, so no more are read than show it:
    // an id takes eight times the room here that it may take in a message.
    private static bool TryReadRows(ref SequenceReader<byte> reader, TensorChunk chunk)
    {
        if (!TryReadVarint(ref reader, out ulong length) || length > (ulong)reader.Remaining)
        {
            return false;
        }

        var rows = new SequenceReader<byte>(reader.UnreadSequence.Slice(0, (long)length));
        reader.Advance((long)length);
        chunk.RowIds = new RowIds();
        if (rows.End)
        {
            return true;
        }

        if (!rows.TryRead(out byte tag)
            || tag != Tag(RowIds.IdsFieldNumber, WireFormat.WireType.LengthDelimited)
            || !TryReadVarint(ref rows, out ulong packed)
            || packed != (ulong)rows.Remaining)
        {
            return false;
        }

        int count = (int)Math.Min(CountVarints(rows.UnreadSequence), reader.Remaining + 1);
        chunk.RowIds.Ids.Capacity = count;
        while (chunk.RowIds.Ids.Count < count)
        {
            if (!TryReadVarint(ref rows, out ulong id))
            {
                return false;
            }

            chunk.RowIds.Ids.Add((long)id);
        }

        // What ends within an id is for the generated parser, which says so.
        return rows.End || chunk.RowIds.Ids.Count > reader.Remaining;
    }

    private static long CountVarints(in ReadOnlySequence<byte> packed)
    {
        long count = 0;
        foreach (ReadOnlyMemory<byte> piece in packed)
        {
            foreach (byte part in piece.Span)
            {
                count += part < 0x80 ? 1 : 0;
            }
        }

        return count;
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
