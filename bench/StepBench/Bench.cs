using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Adam.Engine;
using Adam.Engine.Kernels;

namespace Adam.Bench.StepBench;

/// <summary>What is measured beside what.</summary>
internal sealed class Bench(Table table, Stopwatches stopwatches)
{
    private static readonly int[] ThreadCounts = Environment.ProcessorCount > 1 ? [1, 2] : [1];

    /// <summary>One tensor: every variant beside its own ceiling.</summary>
    public void Flat(long elements, IReadOnlyList<Variant> variants)
    {
        foreach (int count in ThreadCounts)
        {
            using StepThreads? threads = count > 1 ? new StepThreads(count) : null;
            if (count == 1)
            {
                Affinity.Pin();
            }

            foreach (Variant variant in variants)
            {
                One(elements, count, variant, threads);
            }

            Affinity.Release();
        }

        if (elements <= 1 << 16)
        {
            table.Note($"Square root and division alone, in registers: {DividerRate(1) / 1e6:0} M parameters/s on one thread, "
                + $"{DividerRate(2) / 1e6:0} on two.");
        }
    }

    /// <summary>Many tensors beside one of as many parameters.</summary>
    public void Model(string name, IReadOnlyList<long> lengths)
    {
        Variant plain = Variant.All[0];
        long elements = lengths.Sum();
        foreach (int count in ThreadCounts)
        {
            using StepThreads? threads = count > 1 ? new StepThreads(count) : null;
            using var model = new EngineStep(plain, lengths, threads, KernelWidths.Best);
            using var flat = new EngineStep(plain, [elements], threads, KernelWidths.Best);
            var times = stopwatches.Time([model.Run, flat.Run]);
            table.Note($"{name}, {lengths.Count} tensors, {elements:N0} parameters, {count} threads: {elements / times[0].Median / 1e6:0} "
                + $"M parameters/s, {times[1].Median / times[0].Median:0.00} of one flat tensor.");
        }
    }

    /// <summary>Beside torch, each with two threads.</summary>
    public void Torch(long elements)
    {
        using var threads = new StepThreads(2);
        using var step = new EngineStep(Variant.All[0], [elements], threads, KernelWidths.Best);
        double engine = stopwatches.Time([step.Run])[0].Median;
        double torch = StepBench.Torch.Seconds(elements, 2);
        table.Note($"torch.optim.Adam, {elements >> 20} Mi parameters, 2 threads: {torch * 1e3:0.0} ms; the engine {engine * 1e3:0.0} ms: {torch / engine:0.0} x.");
    }

    private static long Allocated(Action step)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
        {
            step();
        }

        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private void One(long elements, int count, Variant variant, StepThreads? threads)
    {
        using var step = new EngineStep(variant, [elements], threads, KernelWidths.Best);
        using var scalar = new EngineStep(variant, [elements], null, KernelWidth.Scalar);
        using var ceiling = new Ceiling(variant, elements, threads);
        Action[] ways = [.. ceiling.Ways()];
        var times = stopwatches.Time([step.Run, scalar.Run, .. ways]);
        double best = times.Skip(2).Min(time => time.Median);
        double seconds = times[0].Median;
        table.Add(
            elements >= 1 << 20 ? $"{elements >> 20} Mi" : $"{elements >> 10} Ki",
            count,
            variant.Name,
            $"{elements / seconds / 1e6:0}",
            $"{elements * variant.BytesPerParameter / seconds / 1e9:0.0}",
            $"{best / seconds:0.00} ({best / times[0].High:0.00} to {best / times[0].Low:0.00})",
            $"{elements / times[1].Median / 1e6:0}",
            Allocated(step.Run));
    }

    // On two threads it tells whether the machine's two processors are two, or two halves of one.
    private double DividerRate(int count)
    {
        const int Vectors = 1 << 16;
        var divide = () => Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = count }, _ => Divide(Vectors));
        return count * Vectors * 16 / stopwatches.Time([() => divide()])[0].Median;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization | MethodImplOptions.NoInlining)]
    private static float Divide(int vectors)
    {
        Vector512<float> sum = default, value = Vector512.Create(1.1f, 1.2f, 1.3f, 1.4f, 1.5f, 1.6f, 1.7f, 1.8f, 2.1f, 2.2f, 2.3f, 2.4f, 2.5f, 2.6f, 2.7f, 2.8f);
        for (int i = 0; i < vectors; i++)
        {
            sum += value / Vector512.Sqrt(value + Vector512.Create((float)i));
        }

        return Vector512.Sum(sum);
    }
}
