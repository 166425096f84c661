using Adam.Bench.Microbenchmarks;
using BenchmarkDotNet.Running;

if (args is ["--gate"])
{
    return Gate.Pass() ? 0 : 1;
}

BenchmarkSwitcher.FromAssembly(typeof(StepBenchmarks).Assembly).Run(args);
return 0;
