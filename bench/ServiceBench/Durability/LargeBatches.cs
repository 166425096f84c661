using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Report;
using Adam.Client;
using Adam.Service.Storage.Files;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Durability;

/// <summary>Large batches in tier LOG, two under way, beside the same bytes written and synchronised by themselves.</summary>
internal static class LargeBatches
{
    private const int Steps = 4;

    /// <summary>Measures.</summary>
    public static async Task RunAsync(ServiceProcess service, string folder, int parameters, int rounds, Markdown tables)
    {
        using var channel = GrpcChannel.ForAddress(service.Url);
        await using var client = AdamClient.ForAddress(service.Url, new AdamClientOptions { CallTimeout = TimeSpan.FromMinutes(5) });
        float[] gradient = [.. Enumerable.Range(0, parameters).Select(static i => ((i * 2654435761u) >> 8) * 1e-9f)];
        var names = new[] { "large-memory", "large-log" };
        var trainers = new List<OptimizerSession>();
        foreach (var (name, tier) in names.Zip([V1.DurabilityTier.Memory, V1.DurabilityTier.Log]))
        {
            await TieredSession.CreateAsync(channel, client, name, tier, [parameters]);
            trainers.Add(await client.OpenSessionAsync(new SessionRef(name)));
        }

        var times = new[] { new double[rounds], new double[rounds], new double[rounds] };
        for (var round = -1; round < rounds; round++)
        {
            for (var turn = 0; turn < times.Length; turn++)
            {
                var start = Stopwatch.GetTimestamp();
                if (turn == times.Length - 1)
                {
                    Write(Path.Combine(folder, "raw"), gradient);
                }
                else
                {
                    await TrainAsync(trainers[turn], gradient);
                }

                if (round >= 0)
                {
                    times[turn][round] = Stopwatch.GetElapsedTime(start).TotalMilliseconds / Steps;
                }
            }
        }

        foreach (var trainer in trainers)
        {
            await trainer.DisposeAsync();
        }

        var (memory, log, raw) = (times[0].Median(), times[1].Median(), times[2].Median());
        tables.Line($"{parameters:N0} parameters, float32 gradients over TCP, nothing back, two steps under way: {memory:0.0} ms a step in tier MEMORY, {log:0.0} ms in tier LOG; writing and synchronising the same bytes alone takes {raw:0.0} ms, so the log reaches {raw / log:0.00} of it.");
        tables.Line($"");
        foreach (var name in names)
        {
            await client.DeleteSessionAsync(new SessionRef(name));
        }
    }

    private static async Task TrainAsync(OptimizerSession session, float[] gradient)
    {
        var options = new StepOptions { Reply = ReplyKind.None };
        var before = Task.CompletedTask;
        for (var i = 0; i < Steps; i++)
        {
            var step = session.StepAsync([gradient], options: options);
            await before;
            before = step;
        }

        await before;
    }

    private static unsafe void Write(string path, float[] gradient)
    {
        const long PieceBytes = 1 << 20;
        using var file = FileSystem.Linux.Open(path, FileUse.Replace);
        fixed (float* elements = gradient)
        {
            for (var i = 0; i < Steps; i++)
            {
                long bytes = gradient.Length * (long)sizeof(float);
                for (long start = 0; start < bytes; start += PieceBytes)
                {
                    var piece = new NativePiece((nint)elements + (nint)start, Math.Min(PieceBytes, bytes - start));
                    file.Write([piece], (i * bytes) + start);
                }

                file.SyncData();
            }
        }

        FileSystem.Linux.Delete(path);
    }
}
