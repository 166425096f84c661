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
    // Behind those that the service is compared with.
    private const int FirstOfService = 2;

    /// <summary>What a step by float32 in and out left to the collectors, for each MiB that went over the wire: in the service, and in the trainer.</summary>
    public (double Service, double Trainer) Garbage { get; private set; }

    /// <summary>Measures, in processes that end with it.</summary>
    public async Task<IReadOnlyList<Row>> RunAsync()
    {
        var socket = Path.Combine(Path.GetTempPath(), $"adam-{Guid.NewGuid():N}.sock");
        await using var tcp = await ServiceProcess.StartAsync(MemoryBytes);
        await using var unix = await ServiceProcess.StartAsync($"unix://{socket}", MemoryBytes);
        var memory = new TrainerMemory(workload);
        await using var overTcp = await SdkTrainer.StartAsync(tcp.Url, workload, memory);
        await using var overUnix = await SdkTrainer.StartAsync(unix.Url, workload, memory);
        List<IPeer> peers =
        [
            await RawPeer.StartAsync(workload.Parameters * sizeof(float)),
            new EnginePeer(workload),
            new SdkPeer("float32 in and out, TCP", overTcp, Weights),
            new SdkPeer("float32 in and out, Unix socket", overUnix, Weights),
            new SdkPeer("float32 in, deltas out, TCP", overTcp, Weights with { Reply = ReplyKind.Delta }),
            new SdkPeer("float32 in, nothing out, TCP", overTcp, Weights with { Reply = ReplyKind.None }),
            new SdkPeer("bfloat16 in and out, TCP", overTcp, AsBFloat16),
            new SdkPeer("bfloat16 in and out, Unix socket", overUnix, AsBFloat16),
            new SdkPeer("int8 blocks in, bfloat16 out, TCP", overTcp, AsBFloat16 with { GradientEncoding = GradientEncoding.Int8Blocks }),
        ];
        try
        {
            if (workload.IsSmall)
            {
                peers.Add(await UnaryPeer.StartAsync(tcp.Url, workload));
            }

            var times = await Rounds.RunAsync(peers, rounds);
            Garbage = await MeasureGarbageAsync(peers[FirstOfService], tcp);
            return ToRows(peers, times);
        }
        finally
        {
            foreach (var peer in Enumerable.Reverse(peers))
            {
                await peer.DisposeAsync();
            }
        }
    }

    private static StepOptions Weights => new() { Reply = ReplyKind.Weights };

    private static StepOptions AsBFloat16 => Weights with { GradientEncoding = GradientEncoding.BFloat16, ReplyDType = TensorDType.BFloat16 };

    // A session, its gradients, and what deltas are taken from.
    private (string Name, long Value) MemoryBytes => ("Limits:MemoryBytes", Math.Max(1L << 30, workload.Parameters * 40));

    private async Task<(double Service, double Trainer)> MeasureGarbageAsync(IPeer peer, ServiceProcess service)
    {
        const int Steps = 5;
        var before = (await service.LookAsync()).AllocatedBytes;
        var own = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < Steps; i++)
        {
            await peer.StepAsync();
        }

        own = GC.GetTotalAllocatedBytes(precise: true) - own;
        var mebibytes = 2.0 * Steps * workload.Parameters * sizeof(float) / (1 << 20);
        return (((await service.LookAsync()).AllocatedBytes - before) / mebibytes, own / mebibytes);
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
