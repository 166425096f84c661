using Adam.Client;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>What a trainer has in its own memory. One way at a time takes a step, so all can use the same.</summary>
internal sealed class TrainerMemory(Workload workload)
{
    // Not everybody needs them.
    private readonly Lazy<IReadOnlyList<ReadOnlyTensorMemory>> _gradients =
        new(() => [.. workload.Lengths.Select(length => (ReadOnlyTensorMemory)Filled(length))]);

    /// <summary>A gradient for each tensor.</summary>
    public IReadOnlyList<ReadOnlyTensorMemory> Gradients => _gradients.Value;

    /// <summary>Room for the weights of each tensor.</summary>
    public IReadOnlyList<TensorMemory> Weights { get; } = [.. workload.Lengths.Select(length => (TensorMemory)new float[length])];

    /// <summary>Numbers that are a gradient.</summary>
    public static float[] Filled(long length)
    {
        var values = new float[length];
        Array.Fill(values, 0.01f);
        return values;
    }
}
