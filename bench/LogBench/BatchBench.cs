using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;

namespace Adam.Bench.LogBench;

/// <summary>Large batches, one after the other: peers take turns, so that a disk that slows down or speeds up favours nobody.</summary>
internal static class BatchBench
{
    public static async Task RunAsync(string directory, long bytes, int rounds)
    {
        using var batch = new Batch(bytes);
        IPeer[] peers =
        [
            new RawPeer(directory, batch, 1 << 20, isAllocated: false),
            new RawPeer(directory, batch, 256 << 10, isAllocated: false),
            new RawPeer(directory, batch, 1 << 20, isAllocated: true),
            new LogPeer(Path.Combine(directory, "log"), batch),
        ];
        var times = peers.Select(_ => new List<double>()).ToArray();
        var busy = peers.Select(_ => new List<double>()).ToArray();
        for (var round = -1; round < rounds; round++)
        {
            for (var turn = 0; turn < peers.Length; turn++)
            {
                var peer = (turn + Math.Max(round, 0)) % peers.Length;
                var (start, busyStart) = (Stopwatch.GetTimestamp(), Environment.CpuUsage.TotalTime);
                await peers[peer].WriteAsync();
                if (round >= 0)
                {
                    times[peer].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
                    busy[peer].Add((Environment.CpuUsage.TotalTime - busyStart).TotalMilliseconds);
                }

                peers[peer].Clean();
            }
        }

        Report.Head($"batches of {bytes / Report.MiB:0.##} MiB, {rounds} rounds", "ms", "GB/s", "of the first", "quartiles", "processor ms");
        for (var peer = 0; peer < peers.Length; peer++)
        {
            var median = times[peer].Median();
            var ratios = times[0].Zip(times[peer], (raw, own) => raw / own).ToList();
            Report.Row(
                $"{peers[peer].Name}", $"{1000 * median:0.0}", $"{bytes / median / 1e9:0.00}", $"{ratios.Median():0.00}", $"{ratios.Quantile(0.25):0.00} to {ratios.Quantile(0.75):0.00}", $"{busy[peer].Median():0}");
            peers[peer].Dispose();
        }
    }
}
