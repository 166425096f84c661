using System.Buffers;
using Google.Protobuf;

namespace Adam.V1;

/// <summary>
/// Writes a message that is nothing but one chunk so that its elements are sent from where they lie. The transport offers that by a buffer writer that
/// takes memory beside bytes; one that does not, and what is odd about a chunk, is left to the generated code. The bytes on the wire are the same.
/// </summary>
internal static class ChunkWriter
{
    // Seven tags and lengths or values, none longer than a tag of one byte and a varint of ten.
    private const int HeadBytesMax = 7 * 11;

    /// <summary>Writes the message.</summary>
    /// <param name="chunk">The chunk. Its elements stay as they are until the message was sent.</param>
    /// <param name="field">The number of the field that it has in the message, below 16.</param>
    /// <param name="messageBytes">The length of the whole message.</param>
    /// <param name="writer">Where to.</param>
    /// <returns>False if nothing was written: the writer takes no memory, the chunk is small, or there is more in it or beside it than its place and its elements.</returns>
    public static bool TryWrite(TensorChunk chunk, int field, int messageBytes, IBufferWriter<byte> writer)
    {
        if (chunk.Data.Length < TensorMarshallers.BytesMin || chunk.RowIds is not null || writer is not IBufferWriter<ReadOnlyMemory<byte>> memory)
        {
            return false;
        }

        int chunkBytes = chunk.CalculateSize();
        Span<byte> head = stackalloc byte[HeadBytesMax];
        int end = 0;
        Add(head, ref end, field, WireFormat.WireType.LengthDelimited, (ulong)chunkBytes);
        int start = end;
        AddUnlessZero(head, ref end, TensorChunk.TensorIndexFieldNumber, chunk.TensorIndex);
        AddUnlessZero(head, ref end, TensorChunk.SlotFieldNumber, (ulong)chunk.Slot);
        AddUnlessZero(head, ref end, TensorChunk.OffsetFieldNumber, chunk.Offset);
        AddUnlessZero(head, ref end, TensorChunk.DtypeFieldNumber, (ulong)chunk.Dtype);
        Add(head, ref end, TensorChunk.DataFieldNumber, WireFormat.WireType.LengthDelimited, (ulong)chunk.Data.Length);

        // What is missing here is a codec, or fields that a later contract has.
        if (end - start + chunk.Data.Length != chunkBytes || end + chunk.Data.Length != messageBytes)
        {
            return false;
        }

        // A size is asked for: a writer that is asked for none may make room for the whole message.
        head[..end].CopyTo(writer.GetSpan(end));
        writer.Advance(end);
        memory.Write([chunk.Data.Memory]);
        return true;
    }

    private static void AddUnlessZero(Span<byte> head, ref int end, int field, ulong value)
    {
        if (value != 0)
        {
            Add(head, ref end, field, WireFormat.WireType.Varint, value);
        }
    }

    private static void Add(Span<byte> head, ref int end, int field, WireFormat.WireType type, ulong value)
    {
        head[end++] = (byte)((field << 3) | (int)type);
        for (; value >= 0x80; value >>= 7)
        {
            head[end++] = (byte)(value | 0x80);
        }

        head[end++] = (byte)value;
    }
}
