using BenchmarkDotNet.Attributes;

namespace Adam.Bench.Microbenchmarks;

/// <summary>Allocates on purpose. A gate that does not see it would not see anything else.</summary>
[MemoryDiagnoser]
public class GateControl
{
    private object? _last;

    /// <summary>Allocates the smallest object that there is.</summary>
    [Benchmark]
    public object Allocate() => _last = new();
}
