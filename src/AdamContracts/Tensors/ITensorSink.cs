using System.Buffers;

namespace Adam.V1;

/// <summary>Somebody who takes the elements of chunks from where they were received to where they belong, without a copy in between.</summary>
public interface ITensorSink
{
    /// <summary>Takes the elements of a chunk.</summary>
    /// <param name="chunk">The chunk without its data.</param>
    /// <param name="elements">Its data, in pieces that may be cut within an element. Gone when this returns.</param>
    /// <returns>False to get the chunk as a message with its data. True if that came of it which the taker remembers: the data is then empty.</returns>
    bool TryTake(TensorChunk chunk, in ReadOnlySequence<byte> elements);
}
