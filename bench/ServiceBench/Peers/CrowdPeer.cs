using System.Diagnostics;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>Several that take their steps at the same time, each one after the other.</summary>
/// <param name="name">What they are called in tables.</param>
/// <param name="peers">They.</param>
internal sealed class CrowdPeer(string name, IReadOnlyList<IPeer> peers) : IPeer
{
    public string Name => name;

    public Task StepAsync() => TimeAsync(1);

    public async Task<TimeSpan> TimeAsync(int steps)
    {
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(peers.Select(peer => Task.Run(() => peer.TimeAsync(steps))));
        return Stopwatch.GetElapsedTime(start);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var peer in peers)
        {
            await peer.DisposeAsync();
        }
    }
}
