using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;

namespace Adam.Bench.Microbenchmarks;

/// <summary>Runs every benchmark with tiny inputs and fails if one allocates.</summary>
internal static class Gate
{
    /// <summary>Parameters of a step under the gate: several vectors of every width, and a rest.</summary>
    public const int TinyLength = 101;

    // So many that what the runtime allocates once, whenever it likes, is less than half a byte for each, and the smallest object is not.
    private const int Invocations = 16_384;

    /// <summary>Whether the benchmarks are to be tiny.</summary>
    public static bool IsRunning { get; private set; }

    /// <returns>True if no step allocated and the control did.</returns>
    public static bool Pass()
    {
        IsRunning = true;
        long control = Run(typeof(GateControl)).Single().Bytes;
        var steps = Least(typeof(StepBenchmarks)).Concat(Least(typeof(SharedStepBenchmarks))).ToList();
        var allocating = steps.Where(step => step.Bytes > 0).ToList();
        foreach ((string name, long bytes) in allocating)
        {
            Console.WriteLine($"FAIL: {name} allocates {bytes} bytes.");
        }

        if (control == 0)
        {
            Console.WriteLine("FAIL: the gate did not see the object that its control allocates.");
        }

        Console.WriteLine($"{steps.Count} benchmarks, {allocating.Count} of which allocate; the control allocates {control} bytes.");
        return steps.Count > 0 && allocating.Count == 0 && control > 0;
    }

    /// <summary>
    /// What each benchmark allocates at least. Those of a class run again if one seems to allocate: the runtime does so whenever it likes, a step
    /// that does, always does.
    /// </summary>
    private static List<(string Name, long Bytes)> Least(Type benchmarks)
    {
        var least = Run(benchmarks).ToList();
        for (int again = 0; again < 2 && least.Exists(step => step.Bytes > 0); again++)
        {
            least = [.. least.Zip(Run(benchmarks), (one, other) => one.Bytes < other.Bytes ? one : other)];
        }

        return least;
    }

    private static IEnumerable<(string Name, long Bytes)> Run(Type benchmarks)
    {
        Summary summary = BenchmarkRunner.Run(benchmarks, Config());
        foreach (BenchmarkReport report in summary.Reports)
        {
            // A benchmark that threw has no answer, and counts as one that allocates.
            long? bytes = report.Success ? report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) : null;
            yield return (report.BenchmarkCase.DisplayInfo, bytes ?? long.MaxValue);
        }
    }

    private static IConfig Config()
    {
        Job job = Job.Default
            .WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithInvocationCount(Invocations)
            .WithUnrollFactor(16)
            .WithWarmupCount(1)
            .WithIterationCount(1);
        return ManualConfig.CreateEmpty()
            .AddJob(job)
            .AddColumnProvider(BenchmarkDotNet.Columns.DefaultColumnProviders.Instance)
            .AddLogger(NullLogger.Instance)
            .WithOptions(ConfigOptions.DisableLogFile)
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), $"adam-microbenchmarks-{Environment.ProcessId}"));
    }
}
