using Adam.Service.Configuration;
using Adam.Service.Limits;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>The bound on the data of one chunk, which <c>TrainOpened.max_chunk_bytes</c> tells clients.</summary>
internal static class ChunkLimit
{
    /// <summary>Refuses a chunk that is larger.</summary>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED.</exception>
    public static void ThrowIfExceeded(TensorChunk chunk, int chunkBytesMax)
    {
        if (chunk.Data.Length > chunkBytesMax)
        {
            throw LimitExceeded.Of(
                $"A chunk of tensor {chunk.TensorIndex} has {chunk.Data.Length} bytes of data: cut tensors into smaller chunks",
                nameof(LimitsOptions.ChunkBytesMax),
                chunkBytesMax);
        }
    }
}
