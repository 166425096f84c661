using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;
using Adam.Bench.StepBench;
using Adam.Client;

namespace Adam.Bench.ServiceBench;

/// <summary>One model, every way to take a step.</summary>
/// <param name="workload">The model.</param>
/// <param name="rounds">How often each way has its turn.</param>
/// <param name="withTorch">Whether torch takes part, which has to be installed.</param>
internal sealed class Contest(Workload workload, int rounds, bool withTorch)
{
    /// <summary>Measures, in processes that end with it.</summary>
    public async Task<IReadOnlyList<Row>> RunAsync()
    {
        var socket = Path.Combine(Path.GetTempPath(), $"adam-{Guid.NewGuid():N}.sock");
        await using var tcp = await ServiceProcess.StartAsync(Memory);
        await using var unix = await ServiceProcess.StartAsync($"unix://{socket}", Memory);
        List<IPeer> peers = [await RawPeer.StartAsync(workload.Parameters * sizeof(float)), new EnginePeer(workload)];
        try
        {
            await AddServiceAsync(peers, tcp.Url, "TCP");
            await AddServiceAsync(peers, unix.Url, "Unix socket");
            if (workload.IsSmall)
            {
                peers.Add(await UnaryPeer.StartAsync(tcp.Url, workload));
            }

            return ToRows(peers, await Rounds.RunAsync(peers, rounds));
        }
        finally
        {
            foreach (var peer in Enumerable.Reverse(peers))
            {
                await peer.DisposeAsync();
            }
        }
    }

    // All ways of all peers have a session each.
    private (string Name, long Value) Memory => ("Limits:MemoryBytes", Math.Max(1L << 30, workload.Parameters * 24 * 8));

    private async Task AddServiceAsync(List<IPeer> peers, string url, string transport)
    {
        peers.Add(await SdkPeer.StartAsync(
            $"float32 in and out, {transport}", url, workload, length => Filled(length), new StepOptions { Reply = ReplyKind.Weights }));
        if (transport == "TCP")
        {
            peers.Add(await SdkPeer.StartAsync(
                $"float32 in, nothing out, {transport}", url, workload, length => Filled(length), new StepOptions { Reply = ReplyKind.None }));
        }
    }

    private static float[] Filled(int length)
    {
        var values = new float[length];
        Array.Fill(values, 0.01f);
        return values;
    }

    private List<Row> ToRows(List<IPeer> peers, double[][] times)
    {
        double? torch = withTorch && !workload.IsSmall ? 1e3 * Torch.Seconds(workload.Parameters, Environment.ProcessorCount) : null;
        var rows = new List<Row>();
        for (var peer = 0; peer < peers.Count; peer++)
        {
            var median = times[peer].Median();
            rows.Add(new Row(peers[peer].Name, median, Ratio(times[peer], times[0]), Ratio(times[peer], times[1]), median / torch));
        }

        if (torch is { } milliseconds)
        {
            rows.Insert(2, new Row("torch.optim.Adam, in process", milliseconds, milliseconds / rows[0].Milliseconds, milliseconds / rows[1].Milliseconds, 1));
        }

        return rows;
    }

    private static double Ratio(double[] times, double[] others) => times.Zip(others, (time, other) => time / other).Median();
}
