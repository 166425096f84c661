using Adam.V1;

namespace Adam.Service.DataPlane;

/// <summary>What is sent back for a batch.</summary>
/// <param name="Result">The result.</param>
/// <param name="Reply">The values, if any were asked for and the batch was not refused. Whoever sends them disposes of them.</param>
/// <param name="ChunkBytes">The size of their chunks.</param>
internal sealed record BatchAnswer(BatchResult Result, ReplySnapshot? Reply, int ChunkBytes);
