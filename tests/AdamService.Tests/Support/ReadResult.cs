using Adam.V1;

namespace Adam.Service.Tests.Support;

/// <summary>What ReadTensors sent.</summary>
/// <param name="Header">Its header.</param>
/// <param name="Chunks">Its chunks as they came.</param>
internal sealed record ReadResult(ReadHeader Header, IReadOnlyList<TensorChunk> Chunks)
{
    /// <summary>The elements of a slot of a tensor.</summary>
    public float[] Tensor(int tensor, Slot slot) => new Answer(
        new BatchResult(), [.. Chunks.Where(chunk => chunk.TensorIndex == tensor && chunk.Slot == slot)], null).Tensor(tensor);
}
