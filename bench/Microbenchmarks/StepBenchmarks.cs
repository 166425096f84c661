using System.Diagnostics.CodeAnalysis;
using Adam.Bench.StepBench;
using Adam.Engine;
using Adam.Engine.Kernels;
using BenchmarkDotNet.Attributes;

namespace Adam.Bench.Microbenchmarks;

/// <summary>One step on one thread, in the caches: the kernels themselves.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls the cleanup.")]
public class StepBenchmarks
{
    private EngineStep? _step;

    /// <summary>Names of the kinds of steps.</summary>
    public static IEnumerable<string> Variants => Variant.All.Select(variant => variant.Name);

    /// <summary>Names of the widths that this machine computes in one instruction; under the gate the widest of them.</summary>
    public static IEnumerable<string> Widths => Enum.GetValues<KernelWidth>()
        .Where(width => Gate.IsRunning ? width == KernelWidths.Best : width <= KernelWidths.Best)
        .Select(width => width.ToString());

    /// <summary>What the step does.</summary>
    [ParamsSource(nameof(Variants))]
    public string Kind { get; set; } = "";

    /// <summary>How many elements the kernel works on side by side.</summary>
    [ParamsSource(nameof(Widths))]
    public string Width { get; set; } = "";

    /// <summary>Parameters of the one tensor.</summary>
    [ParamsSource(nameof(Sizes))]
    public int Parameters { get; set; }

    /// <summary>Sizes with and without a rest that does not fill a vector.</summary>
    public static IEnumerable<int> Sizes => Gate.IsRunning ? [Gate.TinyLength] : [1_000, 65_536];

    /// <summary>Makes the optimizer and its gradient.</summary>
    [GlobalSetup]
    public void Setup() =>
        _step = new EngineStep(Variant.All.Single(variant => variant.Name == Kind), [Parameters], null, Enum.Parse<KernelWidth>(Width));

    /// <summary>Frees them.</summary>
    [GlobalCleanup]
    public void Cleanup() => _step?.Dispose();

    /// <summary>A whole step, checks and report included.</summary>
    [Benchmark]
    public void Step() => _step!.Run();
}
