using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Report;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;

namespace Adam.Bench.ServiceBench.Durability;

/// <summary>Many small sessions at once, each with one unary step under way: steps a second in memory and with a log, and how many share a synchronisation.</summary>
internal static class SmallSessions
{
    private const int Parameters = 1000;

    /// <summary>Measures.</summary>
    public static async Task RunAsync(ServiceProcess service, int sessions, int steps, int rounds, Markdown tables)
    {
        using var channel = GrpcChannel.ForAddress(service.Url);
        await using var client = Adam.Client.AdamClient.ForAddress(service.Url);
        var tiers = new[] { DurabilityTier.Memory, DurabilityTier.Log };
        foreach (var tier in tiers)
        {
            for (var i = 0; i < sessions; i++)
            {
                await TieredSession.CreateAsync(channel, client, $"{tier}-{i}", tier, [Parameters]);
            }
        }

        var (next, rates) = (1ul, tiers.ToDictionary(tier => tier, _ => new double[rounds]));
        var processor = tiers.ToDictionary(tier => tier, _ => new double[rounds]);
        var (appended, syncs) = (0L, 0L);
        for (var round = -1; round < rounds; round++)
        {
            foreach (var tier in tiers)
            {
                var before = await service.LookAsync();
                var start = Stopwatch.GetTimestamp();
                await Task.WhenAll(Enumerable.Range(0, sessions).Select(i => TrainAsync(channel, $"{tier}-{i}", next, steps)));
                var rate = sessions * steps / Stopwatch.GetElapsedTime(start).TotalSeconds;
                var after = await service.LookAsync();
                if (round >= 0)
                {
                    rates[tier][round] = rate;
                    processor[tier][round] = (after.ProcessorSeconds - before.ProcessorSeconds) / (sessions * steps) * 1e6;
                    appended += tier == DurabilityTier.Log ? sessions * steps : 0;
                    syncs += after.LogSyncs - before.LogSyncs;
                }
            }

            next += (ulong)steps;
        }

        var (memory, log) = (rates[DurabilityTier.Memory].Median(), rates[DurabilityTier.Log].Median());
        tables.Line($"{sessions} sessions of {Parameters} parameters, unary steps: {memory:N0} a second in tier MEMORY, {log:N0} in tier LOG, which is {log / memory:0.00}; {(double)appended / syncs:0.0} steps share a synchronisation. A step takes {processor[DurabilityTier.Memory].Median():0.0} us of the service's processor time in tier MEMORY, {processor[DurabilityTier.Log].Median():0.0} us in tier LOG.");
        tables.Line($"");
    }

    private static async Task TrainAsync(ChannelBase channel, string session, ulong first, int steps)
    {
        var training = new Training.TrainingClient(channel);
        var request = new StepRequest
        {
            Session = new SessionRef { SessionId = session },
            WorkerId = "w",
            Begin = new BatchBegin { Reply = new ReplySpec { Kind = ReplyKind.None } },
            Gradients = { new TensorData { Data = ByteString.CopyFrom(new byte[Parameters * sizeof(float)]) } },
        };
        for (var i = 0; i < steps; i++)
        {
            request.Begin.Sequence = first + (ulong)i;
            await training.StepAsync(request);
        }
    }
}
