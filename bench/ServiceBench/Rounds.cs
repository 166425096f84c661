using System.Diagnostics;
using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;

namespace Adam.Bench.ServiceBench;

/// <summary>Peers that take turns, so that a machine that slows down or speeds up favours nobody.</summary>
/// <param name="count">How often each has its turn.</param>
/// <param name="turnMin">What is shorter is repeated for about so long, and its mean counts.</param>
/// <param name="warmUp">How long what is shorter runs before, until all processes have compiled it as well as they ever will.</param>
internal sealed class Rounds(int count, TimeSpan turnMin, TimeSpan warmUp)
{
    /// <summary>As little as shows that everything runs.</summary>
    public static Rounds Quick => new(1, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>Rounds that count.</summary>
    /// <param name="count">How often each has its turn.</param>
    public static Rounds Full(int count) => new(count, TimeSpan.FromMilliseconds(200), TimeSpan.FromSeconds(3));

    /// <summary>Measures.</summary>
    /// <param name="peers">Who takes part.</param>
    /// <returns>What came out for each, in their order.</returns>
    public async Task<IReadOnlyList<Times>> RunAsync(IReadOnlyList<IPeer> peers)
    {
        var times = peers.Select(_ => new double[count]).ToArray();
        var repeats = new int[peers.Count];
        for (var peer = 0; peer < peers.Count; peer++)
        {
            // The first steps touch memory and are compiled; compiling them well takes a while and thousands of calls.
            await peers[peer].TimeAsync(3);
            var start = Stopwatch.GetTimestamp();
            do
            {
                repeats[peer] = (int)Math.Clamp(turnMin / TimeSpan.FromMilliseconds(await TimeAsync(peers[peer], Math.Max(1, repeats[peer]))), 1, 20_000);
            }
            while (repeats[peer] > 1 && Stopwatch.GetElapsedTime(start) < warmUp);
        }

        for (var round = 0; round < count; round++)
        {
            for (var turn = 0; turn < peers.Count; turn++)
            {
                var peer = (round + turn) % peers.Count;
                times[peer][round] = await TimeAsync(peers[peer], repeats[peer]);
            }
        }

        return [.. peers.Select((peer, index) => new Times(peer.Name, times[index]))];
    }

    private static async Task<double> TimeAsync(IPeer peer, int steps) => (await peer.TimeAsync(steps)).TotalMilliseconds / steps;
}
