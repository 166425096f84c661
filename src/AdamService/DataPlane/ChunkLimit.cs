using Adam.Service.Configuration;
using Adam.Service.Limits;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>The bound on the data of one chunk, which <c>TrainOpened.max_chunk_bytes</c> tells clients.</summary>
internal static class ChunkLimit
{
    /// <summary>Refuses a chunk that is larger.</summary>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED.</exception>
    public static void ThrowIfExceeded(TensorChunk chunk, int chunkBytesMax) => ThrowIfExceeded(chunk.TensorIndex, chunk.Data.Length, chunkBytesMax);

    /// <summary>Refuses a chunk of which more data has come.</summary>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED.</exception>
    public static void ThrowIfExceeded(uint tensorIndex, long dataBytes, int chunkBytesMax)
    {
        if (dataBytes > chunkBytesMax)
        {
            throw LimitExceeded.Of(
                $"A chunk of tensor {tensorIndex} has {dataBytes} bytes of data: cut tensors into smaller chunks",
                nameof(LimitsOptions.ChunkBytesMax),
                chunkBytesMax);
        }
    }
}
