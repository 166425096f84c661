using System.Diagnostics;
using System.Globalization;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>
/// <see cref="RawClient"/> in a process of its own, because how HTTP/2 windows are sized holds for a whole process, and the trainer's can be chosen.
/// </summary>
internal static class RawClientProgram
{
    /// <summary>The verb.</summary>
    public const string Verb = "raw-client";

    /// <summary>Takes as many steps as each line says and answers how many ticks they took, until the input ends.</summary>
    /// <param name="url">Where <see cref="RawProgram"/> listens.</param>
    /// <param name="bytes">What a step carries each way.</param>
    /// <param name="callers">How many take as many steps each, at the same time and over one connection.</param>
    public static async Task RunAsync(string url, long bytes, int callers)
    {
        // Before the first handler, which reads it once: .NET's default.
        AppContext.SetSwitch(Http2Windows.Switch, false);
        using var client = new RawClient(url, bytes);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var steps = int.Parse(line, CultureInfo.InvariantCulture);
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => StepAsync(client, steps)));
            Console.WriteLine(Companion.AnswerMark + Stopwatch.GetElapsedTime(start).Ticks.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static async Task StepAsync(RawClient client, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            await client.StepAsync();
        }
    }
}
