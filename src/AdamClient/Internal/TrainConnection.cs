namespace Adam.Client.Internal;

/// <summary>An opened stream, and where the worker stood when it was opened.</summary>
/// <param name="Stream">The stream.</param>
/// <param name="Opened">What the service said first. Batches below its next sequence were decided before this stream.</param>
internal sealed record TrainConnection(TrainStream Stream, V1.TrainOpened Opened)
{
    /// <summary>The largest chunk, in bytes of elements.</summary>
    public ulong ChunkBytesMax => Opened.MaxChunkBytes;

    /// <summary>Whether a batch was decided before this stream was opened.</summary>
    public bool IsDecided(ulong sequence) => sequence < Opened.NextSequence;
}
