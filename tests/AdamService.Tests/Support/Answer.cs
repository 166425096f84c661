using Adam.V1;

namespace Adam.Service.Tests.Support;

/// <summary>What a stream got back for one batch.</summary>
/// <param name="Result">The result.</param>
/// <param name="Chunks">The chunks of the reply as they came.</param>
/// <param name="End">The end of the reply; null where none was announced.</param>
public sealed record Answer(BatchResult Result, IReadOnlyList<TensorChunk> Chunks, ReplyEnd? End)
{
    /// <summary>The tensors of the reply, in the order in which they came. Empty tensors have no chunks and are missing.</summary>
    public IReadOnlyList<uint> Order => [.. Chunks.Select(chunk => chunk.TensorIndex).Distinct()];

    /// <summary>The elements of one tensor, put together from its chunks, which must be without gaps and in order.</summary>
    public float[] Tensor(int index)
    {
        var elements = new List<float>();
        foreach (var chunk in Chunks.Where(chunk => chunk.TensorIndex == index))
        {
            Assert.Equal((ulong)elements.Count, chunk.Offset);
            Assert.NotEqual(DType.Unspecified, chunk.Dtype);
            elements.AddRange(Floats.FromBytes(chunk.Data, chunk.Dtype));
        }

        return [.. elements];
    }

    /// <summary>The refusal, where the batch was refused.</summary>
    internal Refusal Refused()
    {
        Assert.Equal(BatchOutcome.Rejected, Result.Outcome);
        Assert.Null(End);
        Assert.Null(Result.Metrics);
        return Refusal.Of(Result.Error);
    }
}
