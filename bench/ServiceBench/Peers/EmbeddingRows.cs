using Adam.Client;
using Adam.Engine;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The rows of a model's table of embeddings, its first tensor, that a batch has values for: every 64th.</summary>
/// <param name="rowCount">The rows of the table.</param>
/// <param name="rowLength">The elements of a row.</param>
internal sealed class EmbeddingRows(long rowCount, long rowLength)
{
    private const int Spacing = 64;

    // Where it is, it stays: the engine takes an address.
    private readonly long[] _ids = Pinned((int)((rowCount + Spacing - 1) / Spacing));

    /// <summary>How many rows there are.</summary>
    public int Count => _ids.Length;

    /// <summary>The elements of all of them.</summary>
    public long Length => Count * rowLength;

    /// <summary>Where they are, for the engine.</summary>
    public unsafe RowView View => new((long*)System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(_ids, 0), _ids.Length);

    /// <summary>Those of a model.</summary>
    /// <exception cref="InvalidOperationException">It has no table.</exception>
    public static EmbeddingRows Of(Workload workload) => workload.RowLength is { } length
        ? new EmbeddingRows(workload.Lengths[0] / length, length)
        : throw new InvalidOperationException($"{workload.Name} has no table of embeddings.");

    /// <summary>A list of rows for the table, and dense gradients for the other tensors.</summary>
    public IReadOnlyList<TensorGradient> Gradients(TrainerMemory memory) =>
    [
        TensorGradient.OfRows(0, _ids, TrainerMemory.Filled(Length)),
        .. memory.Gradients.Select((values, index) => new TensorGradient(index, values)).Skip(1),
    ];

    private static long[] Pinned(int count)
    {
        var ids = GC.AllocateUninitializedArray<long>(count, pinned: true);
        for (var i = 0; i < count; i++)
        {
            ids[i] = (long)i * Spacing;
        }

        return ids;
    }
}
