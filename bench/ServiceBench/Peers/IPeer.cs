using System.Diagnostics;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>A way to take a step.</summary>
internal interface IPeer : IAsyncDisposable
{
    /// <summary>What it is called in tables.</summary>
    string Name { get; }

    /// <summary>Takes one step, or does what it is compared with.</summary>
    Task StepAsync();

    /// <summary>Takes steps and says how long all of them took.</summary>
    async Task<TimeSpan> TimeAsync(int steps)
    {
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < steps; i++)
        {
            await StepAsync();
        }

        return Stopwatch.GetElapsedTime(start);
    }
}
