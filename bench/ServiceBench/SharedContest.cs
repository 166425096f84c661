using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;
using Adam.Client;

namespace Adam.Bench.ServiceBench;

/// <summary>One model, over shared memory and in the trainer's own process.</summary>
/// <param name="workload">The model.</param>
/// <param name="rounds">How often each way has its turn.</param>
internal sealed class SharedContest(Workload workload, int rounds)
{
    /// <summary>Measures, in processes that end with it.</summary>
    public async Task<IReadOnlyList<SharedRow>> RunAsync()
    {
        var socket = Path.Combine(Path.GetTempPath(), $"adam-{Guid.NewGuid():N}.sock");
        await using var service = await ServiceProcess.StartAsync(
            $"unix://{socket}",
            ["SharedMemory:Enabled=true", $"Limits:MemoryBytes={Math.Max(1L << 30, workload.Parameters * sizeof(float) * 24)}"]);
        await using var trainer = await SdkTrainer.StartAsync(service.Url, workload, new TrainerMemory(workload));
        List<IPeer> peers = [new EnginePeer(workload), new EnginePeer(workload, Engine.NonFinitePolicy.Skip)];
        try
        {
            foreach (var policy in new[] { NonFinitePolicy.Propagate, NonFinitePolicy.Skip, NonFinitePolicy.Reject })
            {
                peers.Add(await SharedPeer.StartAsync($"shared memory, {policy}", service.Url, workload, policy));
            }

            if (workload.IsSmall)
            {
                peers.Add(new SdkPeer("float32 in and out, the same Unix socket", trainer, new StepOptions { Reply = ReplyKind.Weights }));
            }

            var times = await Rounds.RunAsync(peers, rounds);
            return [.. peers.Select((peer, index) => new SharedRow(
                peer.Name, times[index].Median(), Ratio(times[index], times[0]), times[index].Min() / times[0].Min()))];
        }
        finally
        {
            foreach (var peer in Enumerable.Reverse(peers))
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static double Ratio(double[] times, double[] others) => times.Zip(others, (time, other) => time / other).Median();
}
