using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Report;
using Adam.Client;
using Adam.V1;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Durability;

/// <summary>Steps while a checkpoint is written, which is made as snapshots are, beside steps while nothing else happens.</summary>
internal static class SnapshotPauses
{
    /// <summary>Measures.</summary>
    public static async Task RunAsync(ServiceProcess service, IReadOnlyList<long> lengths, int steps, int rounds, Markdown tables)
    {
        using var channel = GrpcChannel.ForAddress(service.Url);
        await using var client = AdamClient.ForAddress(service.Url, new AdamClientOptions { CallTimeout = TimeSpan.FromMinutes(5) });
        await TieredSession.CreateAsync(channel, client, "snapshot", V1.DurabilityTier.Memory, lengths);
        await using var session = await client.OpenSessionAsync(new Adam.Client.SessionRef("snapshot"));
        ReadOnlyTensorMemory[] gradients = [.. lengths.Select(static length => (ReadOnlyTensorMemory)new float[length])];
        TensorMemory[] weights = [.. lengths.Select(static length => (TensorMemory)new float[length])];
        var options = new StepOptions { Reply = Adam.Client.ReplyKind.Weights };
        for (var i = 0; i < 3; i++)
        {
            await session.StepAsync(gradients, weights, options);
        }

        // Alone and beside a checkpoint in turns, so that both see the same phases of the machine.
        var checkpoints = new Checkpoints.CheckpointsClient(channel);
        var (all, during, ratios, seconds, bytes) = (new List<double>(), new List<double>(), new double[rounds], new double[rounds], 0UL);
        for (var round = 0; round < rounds; round++)
        {
            var (alone, beside) = (new List<double>(), new List<double>());
            for (var i = 0; i < steps; i++)
            {
                alone.Add(await TimeAsync(() => session.StepAsync(gradients, weights, options)));
            }

            var id = $"round-{round}";
            var writing = Stopwatch.GetTimestamp();
            var saved = checkpoints.SaveCheckpointAsync(
                new SaveCheckpointRequest { Session = new V1.SessionRef { SessionId = "snapshot" }, CheckpointId = id }).ResponseAsync;
            while (!saved.IsCompleted || beside.Count == 0)
            {
                beside.Add(await TimeAsync(() => session.StepAsync(gradients, weights, options)));
            }

            bytes = (await saved).Checkpoint.SizeBytes;
            (ratios[round], seconds[round]) = (beside.Median() / alone.Median(), Stopwatch.GetElapsedTime(writing).TotalSeconds);
            all.AddRange(alone);
            during.AddRange(beside);
            await checkpoints.DeleteCheckpointAsync(
                new DeleteCheckpointRequest { Session = new V1.SessionRef { SessionId = "snapshot" }, CheckpointId = id });
        }

        tables.Line($"{lengths.Sum():N0} parameters, float32 both ways: {all.Median():0.0} ms a step, {during.Median():0.0} ms while {bytes / 1e6:N0} MB are written (in {seconds.Median():0.0} s), which is {ratios.Median():0.00} ({ratios.Min():0.00} to {ratios.Max():0.00} in {rounds} rounds); the slowest {during.Max():0.0} ms ({all.Max():0.0} ms alone).");
    }

    private static async Task<double> TimeAsync(Func<Task> step)
    {
        var start = Stopwatch.GetTimestamp();
        await step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
