using System.Diagnostics.CodeAnalysis;
using Adam.Bench.StepBench;
using Adam.Engine;
using Adam.Engine.Kernels;
using BenchmarkDotNet.Attributes;

namespace Adam.Bench.Microbenchmarks;

/// <summary>One step over several tensors on two threads, just large enough to be shared: what handing out work costs.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls the cleanup.")]
public class SharedStepBenchmarks
{
    private static readonly long[] Lengths = [20_000, 48, 64_000, 3_000];

    private StepThreads? _threads;
    private EngineStep? _step;

    /// <summary>Names of the kinds of steps: one pass, two passes, and everything at once.</summary>
    public static IEnumerable<string> Variants => ["plain", "global_clipnorm", "amsgrad, ema, decay, unscale"];

    /// <summary>What the step does.</summary>
    [ParamsSource(nameof(Variants))]
    public string Kind { get; set; } = "";

    /// <summary>Makes the threads, the optimizer and its gradients.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _threads = new StepThreads(2);
        _step = new EngineStep(Variant.All.Single(variant => variant.Name == Kind), Lengths, _threads, KernelWidths.Best);
    }

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup()
    {
        _step?.Dispose();
        _threads?.Dispose();
    }

    /// <summary>A whole step, checks and report included.</summary>
    [Benchmark]
    public void Step() => _step!.Run();
}
