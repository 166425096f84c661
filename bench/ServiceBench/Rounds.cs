using Adam.Bench.ServiceBench.Peers;

namespace Adam.Bench.ServiceBench;

/// <summary>Peers that take turns, so that a machine that slows down or speeds up favours nobody.</summary>
internal static class Rounds
{
    // What is shorter is repeated for about so long, and its mean counts.
    private static readonly TimeSpan TurnMin = TimeSpan.FromMilliseconds(100);

    /// <summary>Measures.</summary>
    /// <param name="peers">Who takes part.</param>
    /// <param name="rounds">How often each has its turn.</param>
    /// <returns>For each peer the milliseconds of a step in each round.</returns>
    public static async Task<double[][]> RunAsync(IReadOnlyList<IPeer> peers, int rounds)
    {
        var times = peers.Select(_ => new double[rounds]).ToArray();
        var repeats = new int[peers.Count];
        for (var peer = 0; peer < peers.Count; peer++)
        {
            // The first steps touch memory and are compiled.
            await peers[peer].TimeAsync(3);
            repeats[peer] = (int)Math.Clamp(TurnMin / TimeSpan.FromMilliseconds(await TimeAsync(peers[peer], 1)), 1, 5000);
        }

        for (var round = 0; round < rounds; round++)
        {
            for (var turn = 0; turn < peers.Count; turn++)
            {
                var peer = (round + turn) % peers.Count;
                times[peer][round] = await TimeAsync(peers[peer], repeats[peer]);
            }
        }

        return times;
    }

    private static async Task<double> TimeAsync(IPeer peer, int steps) => (await peer.TimeAsync(steps)).TotalMilliseconds / steps;
}
