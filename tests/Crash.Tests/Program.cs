using System.Globalization;
using Adam.Client;
using Adam.Crash.Tests.Workload;

namespace Adam.Crash.Tests;

/// <summary>A trainer as a process of its own, which tests start and kill: <c>train ADDRESS BATCHES</c>.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["train", var address, var batches])
        {
            await Console.Error.WriteLineAsync("train ADDRESS BATCHES");
            return 2;
        }

        await RestartingTrainer.RunAsync(address, DurabilityTier.Log, int.Parse(batches, CultureInfo.InvariantCulture), Console.Out);
        return 0;
    }
}
