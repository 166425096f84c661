using System.Diagnostics;
using System.Globalization;
using Adam.Bench.LoadBench.Processes;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>
/// <see cref="RawClient"/> in a process of its own, because this program's HTTP/2 windows are set for the SDK, and the setting holds for a whole process.
/// </summary>
internal static class RawClientProgram
{
    /// <summary>The verb.</summary>
    public const string Verb = "raw-client";

    /// <summary>Takes as many steps as each line says and answers how many ticks they took, until the input ends.</summary>
    public static async Task RunAsync(string url, long bytes)
    {
        // Before the first handler, which reads it once: .NET's default.
        AppContext.SetSwitch("System.Net.SocketsHttpHandler.Http2FlowControl.DisableDynamicWindowSizing", false);
        using var client = new RawClient(url, bytes);
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var steps = int.Parse(line, CultureInfo.InvariantCulture);
            var start = Stopwatch.GetTimestamp();
            for (var i = 0; i < steps; i++)
            {
                await client.StepAsync();
            }

            Console.WriteLine(Companion.AnswerMark + Stopwatch.GetElapsedTime(start).Ticks.ToString(CultureInfo.InvariantCulture));
        }
    }
}
