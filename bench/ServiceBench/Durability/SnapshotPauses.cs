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
    public static async Task RunAsync(ServiceProcess service, IReadOnlyList<long> lengths, int steps, Markdown tables)
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

        var alone = new List<double>();
        for (var i = 0; i < steps; i++)
        {
            alone.Add(await TimeAsync(() => session.StepAsync(gradients, weights, options)));
        }

        var checkpoints = new Checkpoints.CheckpointsClient(channel);
        var during = new List<double>();
        var writing = Stopwatch.GetTimestamp();
        var saved = checkpoints.SaveCheckpointAsync(
            new SaveCheckpointRequest { Session = new V1.SessionRef { SessionId = "snapshot" }, CheckpointId = "one" }).ResponseAsync;
        while (!saved.IsCompleted || during.Count == 0)
        {
            during.Add(await TimeAsync(() => session.StepAsync(gradients, weights, options)));
        }

        var seconds = Stopwatch.GetElapsedTime(writing).TotalSeconds;
        var (bytes, resting) = ((await saved).Checkpoint.SizeBytes, alone.Median());
        tables.Line($"{lengths.Sum():N0} parameters, float32 both ways: {resting:0.0} ms a step, {during.Median():0.0} ms while {bytes / 1e6:N0} MB are written ({during.Count} steps in {seconds:0.0} s), which is {during.Median() / resting:0.00}; the slowest {during.Max():0.0} ms.");
    }

    private static async Task<double> TimeAsync(Func<Task> step)
    {
        var start = Stopwatch.GetTimestamp();
        await step();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
