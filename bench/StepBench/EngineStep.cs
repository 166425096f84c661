using Adam.Engine;
using Adam.Engine.Kernels;

namespace Adam.Bench.StepBench;

/// <summary>An optimizer with a gradient for every one of its tensors.</summary>
internal sealed class EngineStep : IDisposable
{
    private readonly AdamOptimizer _optimizer;
    private readonly TensorBuffer _memory;
    private readonly Gradient[] _gradients;

    public EngineStep(Variant variant, IReadOnlyList<long> lengths, StepThreads? threads, KernelWidth width)
    {
        _optimizer = new AdamOptimizer(
            variant.Options, [.. lengths.Select((length, index) => new VariableSpec($"t{index}", [length]))], threads, width);

        // One tensor behind the other, each on a cache line of its own, as a trainer's gradients lie.
        long[] offsets = new long[lengths.Count + 1];
        for (int i = 0; i < lengths.Count; i++)
        {
            offsets[i + 1] = offsets[i] + ((lengths[i] + 31) / 32 * 32);
        }

        _memory = Filled.Gradient(variant.Stored, offsets[^1]);
        _gradients = [.. lengths.Select((length, index) => new Gradient(index, _memory.View.Slice(offsets[index], length)))];
    }

    public void Run() => _optimizer.Apply(_gradients);

    public void Dispose()
    {
        _optimizer.Dispose();
        _memory.Dispose();
    }
}
