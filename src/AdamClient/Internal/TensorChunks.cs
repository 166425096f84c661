using System.Runtime.InteropServices;
using Google.Protobuf;

namespace Adam.Client.Internal;

/// <summary>Cuts float32 tensors into chunks and puts chunks back together.</summary>
internal static class TensorChunks
{
    /// <summary>The largest chunk where the service has not named one: the contract's default, 1 MiB.</summary>
    public const int DefaultBytes = 1 << 20;

    /// <summary>The chunks of one tensor, in order. They refer to <paramref name="values"/>; an empty tensor has none.</summary>
    public static IEnumerable<V1.TensorChunk> Cut(int tensorIndex, ReadOnlyMemory<float> values, V1.Slot slot, ulong chunkBytesMax)
    {
        foreach (var (offset, length) in Parts(values.Length, chunkBytesMax))
        {
            yield return new V1.TensorChunk
            {
                TensorIndex = (uint)tensorIndex,
                Slot = slot,
                Offset = (ulong)offset,
                Dtype = V1.DType.Float32,
                Data = Wrap(values.Slice(offset, length)),
            };
        }
    }

    /// <summary>Where chunks begin, and how many elements they have.</summary>
    public static IEnumerable<(int Offset, int Length)> Parts(int elementCount, ulong chunkBytesMax)
    {
        var elementsMax = (int)Math.Clamp(chunkBytesMax / sizeof(float), 1, int.MaxValue / sizeof(float));
        for (var rest = elementCount; rest > 0; rest -= elementsMax)
        {
            // Counted down: an offset that is counted up passes the largest int after the last chunk.
            yield return (elementCount - rest, Math.Min(elementsMax, rest));
        }
    }

    /// <summary>The elements as bytes that a message can carry. They refer to <paramref name="values"/>.</summary>
    public static ByteString Wrap(ReadOnlyMemory<float> values) => UnsafeByteOperations.UnsafeWrap(new FloatBytes(values).Memory);

    /// <summary>Copies a chunk to its place.</summary>
    /// <returns>The number of elements.</returns>
    /// <exception cref="AdamException">The chunk does not fit the tensor.</exception>
    public static int Put(V1.TensorChunk chunk, Span<float> tensor)
    {
        var data = MemoryMarshal.Cast<byte, float>(chunk.Data.Span);
        if (chunk.Dtype is not (V1.DType.Float32 or V1.DType.Unspecified)
            || chunk.Data.Length % sizeof(float) != 0
            || chunk.Offset > (ulong)tensor.Length
            || data.Length > tensor.Length - (int)chunk.Offset)
        {
            throw ErrorTranslator.BrokenContract(
                $"The service sent {chunk.Data.Length} bytes of {chunk.Dtype} at element {chunk.Offset} of tensor {chunk.TensorIndex}, "
                + $"which has {tensor.Length} float32 elements here.");
        }

        data.CopyTo(tensor[(int)chunk.Offset..]);
        return data.Length;
    }
}
