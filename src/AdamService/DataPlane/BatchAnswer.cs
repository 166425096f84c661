using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>What is sent back for a batch.</summary>
/// <param name="Result">The result.</param>
/// <param name="Reply">The values, if any were asked for and the batch was not refused. Whoever sends them disposes of them.</param>
/// <param name="DType">How they are sent; UNSPECIFIED is each variable's own.</param>
/// <param name="ChunkBytes">The size of their chunks.</param>
internal sealed record BatchAnswer(BatchResult Result, ReadLease? Reply, DType DType, int ChunkBytes)
{
    /// <summary>An answer without values.</summary>
    public static BatchAnswer Of(BatchResult result) => new(result, null, DType.Unspecified, 0);
}
