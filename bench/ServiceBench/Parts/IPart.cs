using Adam.Bench.ServiceBench.Report;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>A part of the benchmark: what it finds out about a model.</summary>
internal interface IPart
{
    /// <summary>Its name in options and files.</summary>
    string Name { get; }

    /// <summary>Whether there is something to find out.</summary>
    bool Suits(Workload workload) => true;

    /// <summary>Measures, in processes that end with it.</summary>
    /// <param name="yardsticks">What the service is compared with, and the model.</param>
    /// <param name="rounds">How often each has its turn.</param>
    /// <param name="findings">Where the table goes.</param>
    Task RunAsync(Yardsticks yardsticks, Rounds rounds, Findings findings);
}
