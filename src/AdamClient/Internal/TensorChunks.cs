using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Adam.Client.Internal;

/// <summary>Cuts tensors into chunks and puts chunks back together.</summary>
internal static class TensorChunks
{
    /// <summary>The largest chunk where the service has not named one: the contract's default, 1 MiB.</summary>
    public const int DefaultBytes = 1 << 20;

    /// <summary>The chunks of one tensor, in order. They refer to <paramref name="values"/>; an empty tensor has none.</summary>
    public static IEnumerable<V1.TensorChunk> Cut(int tensorIndex, ReadOnlyTensorMemory values, V1.Slot slot, ulong chunkBytesMax)
    {
        foreach (var (offset, length) in Parts(values.Length, ElementTypes.Bytes(values.DType), chunkBytesMax))
        {
            yield return new V1.TensorChunk
            {
                TensorIndex = (uint)tensorIndex,
                Slot = slot,
                Offset = (ulong)offset,
                Dtype = ElementTypes.ToWire(values.DType),
                Data = Wrap(values, offset, length),
            };
        }
    }

    /// <summary>The chunks of a list of rows, in order: whole rows, at least one in each. They refer to <paramref name="values"/>.</summary>
    public static IEnumerable<V1.TensorChunk> CutRows(int tensorIndex, ReadOnlyMemory<long> rows, ReadOnlyTensorMemory values, ulong chunkBytesMax)
    {
        var length = values.Length / rows.Length;
        var rowBytes = (length * ElementTypes.Bytes(values.DType)) + sizeof(long);
        foreach (var (place, count) in Parts(rows.Length, rowBytes, chunkBytesMax))
        {
            yield return new V1.TensorChunk
            {
                TensorIndex = (uint)tensorIndex,
                Offset = (ulong)place,
                Dtype = ElementTypes.ToWire(values.DType),
                RowIds = new V1.RowIds { Ids = { rows.Slice(place, count).ToArray() } },
                Data = Wrap(values, place * length, count * length),
            };
        }
    }

    /// <summary>Copies a chunk of rows to their places.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="tensor">The room for the whole tensor.</param>
    /// <param name="rowLength">Elements of one of its rows.</param>
    /// <param name="dtype">How its elements travel.</param>
    /// <exception cref="AdamException">The chunk does not fit the tensor.</exception>
    public static void PutRows(V1.TensorChunk chunk, TensorMemory tensor, long rowLength, TensorDType dtype)
    {
        var row = new V1.TensorChunk { TensorIndex = chunk.TensorIndex, Dtype = chunk.Dtype };
        var bytes = rowLength * ElementTypes.Bytes(dtype);
        if (chunk.Data.Length != chunk.RowIds.Ids.Count * bytes)
        {
            throw ErrorTranslator.BrokenContract(
                $"The service sent {chunk.Data.Length} bytes for {chunk.RowIds.Ids.Count} rows of tensor {chunk.TensorIndex}, which have {bytes} each.");
        }

        for (var i = 0; i < chunk.RowIds.Ids.Count; i++)
        {
            var id = chunk.RowIds.Ids[i];
            row.Offset = (ulong)Math.Clamp(id, -1, int.MaxValue) * (ulong)rowLength;
            if (id < 0 || !TryPut(row, chunk.Data.Span.Slice((int)(i * bytes), (int)bytes), tensor, dtype, out _))
            {
                throw ErrorTranslator.BrokenContract($"The service sent row {id} of tensor {chunk.TensorIndex}, which has {tensor.Length} elements here.");
            }
        }
    }

    /// <summary>Where chunks begin, and how many elements they have.</summary>
    public static IEnumerable<(int Offset, int Length)> Parts(int elementCount, int elementBytes, ulong chunkBytesMax)
    {
        var elementsMax = (int)Math.Clamp(chunkBytesMax / (uint)elementBytes, 1, (ulong)(int.MaxValue / elementBytes));
        for (var rest = elementCount; rest > 0; rest -= elementsMax)
        {
            // Counted down: an offset that is counted up passes the largest int after the last chunk.
            yield return (elementCount - rest, Math.Min(elementsMax, rest));
        }
    }

    /// <summary>How many bytes elements take.</summary>
    public static long ByteCount(ReadOnlyTensorMemory values) => (long)values.Length * ElementTypes.Bytes(values.DType);

    /// <summary>Elements as bytes that a message can carry. They refer to <paramref name="values"/>.</summary>
    public static ByteString Wrap(ReadOnlyTensorMemory values, int offset, int count) =>
        count == 0 ? ByteString.Empty : UnsafeByteOperations.UnsafeWrap(values.Bytes(offset, count));

    /// <summary>Copies a chunk to its place, widened where the place is float32 and the chunk is not.</summary>
    /// <param name="chunk">The chunk.</param>
    /// <param name="tensor">The room for the whole tensor.</param>
    /// <param name="dtype">How its elements travel: the type of the room, or one that float32 room can take.</param>
    /// <returns>The number of elements.</returns>
    /// <exception cref="AdamException">The chunk does not fit the tensor.</exception>
    public static int Put(V1.TensorChunk chunk, TensorMemory tensor, TensorDType dtype) => TryPut(chunk, chunk.Data.Span, tensor, dtype, out var count)
        ? count
        : throw ErrorTranslator.BrokenContract(
            $"The service sent {chunk.Data.Length} bytes of {chunk.Dtype} at element {chunk.Offset} of tensor {chunk.TensorIndex}, "
            + $"which has {tensor.Length} elements here and was asked for as {dtype}.");

    /// <summary>Copies elements to their place.</summary>
    /// <param name="chunk">Where that is.</param>
    /// <param name="source">The elements as they were sent.</param>
    /// <param name="tensor">The tensor that they belong to.</param>
    /// <param name="dtype">As what they were asked for.</param>
    /// <param name="count">How many there are.</param>
    /// <returns>False if they do not fit the tensor; nothing was copied.</returns>
    public static bool TryPut(V1.TensorChunk chunk, ReadOnlySpan<byte> source, TensorMemory tensor, TensorDType dtype, out int count)
    {
        var size = ElementTypes.Bytes(dtype);
        count = source.Length / size;
        if ((chunk.Dtype != V1.DType.Unspecified && ElementTypes.FromWire(chunk.Dtype) != dtype)
            || source.Length % size != 0
            || chunk.Offset > (ulong)tensor.Length
            || count > tensor.Length - (int)chunk.Offset)
        {
            return false;
        }

        var room = tensor.Room((int)chunk.Offset, count);
        if (dtype == tensor.DType)
        {
            source.CopyTo(room);
        }
        else if (dtype == TensorDType.Float16)
        {
            V1.ElementConversion.WidenFloat16(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<byte, float>(room));
        }
        else
        {
            V1.ElementConversion.WidenBFloat16(MemoryMarshal.Cast<byte, ushort>(source), MemoryMarshal.Cast<byte, float>(room));
        }

        return true;
    }
}
