using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Client;

namespace Adam.Bench.LoadBench.Idle;

/// <summary>What streams cost that are open and silent: memory, time, and the steps of somebody who trains beside them.</summary>
internal sealed class IdleBench(IdleLoad load)
{
    public async Task RunAsync()
    {
        Report.Head(
            $"{load.Streams} idle streams, {load.Connections} connections, {load.Sessions} sessions",
            "opened in",
            "resident before, with, after, MiB",
            "bytes of each: resident, heap",
            "heap left over by each",
            "processor while idle",
            "step alone, p50 and p99",
            "ratio beside them, p50 and p99");
        await MeasureAsync("opened", steps: 0);
        await MeasureAsync("opened, and one step taken", steps: 1);
    }

    private async Task MeasureAsync(string name, int steps)
    {
        await using var service = await ServiceProcess.StartAsync(
            ("Http2:StreamsPerConnectionMax", load.StreamsPerConnection),
            ("Limits:SessionsMax", load.Sessions + 1),
            ("Limits:WorkersPerSessionMax", (load.Streams / load.Sessions) + 1));
        await using var client = AdamClient.ForAddress(service.Url);
        for (var index = 0; index < load.Sessions; index++)
        {
            await Trainer.CreateSessionAsync(client, IdleStreams.SessionId(index), IdleLoad.Parameters);
        }

        await using var trainer = await Trainer.StartAsync(client, "trained", IdleLoad.Parameters);
        await trainer.StepForAsync(TimeSpan.FromSeconds(load.Seconds));
        var rounds = new List<IdleRound>();
        for (var round = 0; round < load.Rounds; round++)
        {
            rounds.Add(await RoundAsync(service, trainer, steps));
        }

        Write(name, rounds);
    }

    private async Task<IdleRound> RoundAsync(ServiceProcess service, Trainer trainer, int steps)
    {
        var time = TimeSpan.FromSeconds(load.Seconds);
        var alone = await trainer.StepForAsync(time);
        var idleWithout = await IdleProcessorAsync(service);
        var before = await service.CollectAsync();

        List<AdamClient> clients = [.. Enumerable.Range(0, load.Connections).Select(_ => AdamClient.ForAddress(service.Url))];
        var start = Stopwatch.GetTimestamp();
        ServiceFigures open;
        double opening, idle;
        Latency beside;
        await using (await IdleStreams.OpenAsync(clients, load, steps))
        {
            opening = Stopwatch.GetElapsedTime(start).TotalSeconds;
            open = await service.CollectAsync();
            idle = await IdleProcessorAsync(service) - idleWithout;
            beside = await trainer.StepForAsync(time);
        }

        clients.ForEach(client => client.Dispose());
        return new IdleRound(before, opening, open, await service.CollectAsync(), idle, alone, beside);
    }

    private async Task<double> IdleProcessorAsync(ServiceProcess service)
    {
        var before = await service.LookAsync();
        await Task.Delay(TimeSpan.FromSeconds(load.Seconds));
        return ((await service.LookAsync()).ProcessorSeconds - before.ProcessorSeconds) / load.Seconds;
    }

    private void Write(string name, List<IdleRound> rounds)
    {
        // Resident memory is compared with the first round: what a process has touched once, it keeps for a while.
        var first = rounds[0];
        Report.Row(
            $"{name}",
            $"{rounds.Select(round => round.OpenSeconds).Median():0.0} s",
            $"{first.Before.ResidentBytes / Report.MiB:0}, {rounds.Max(round => round.Open.ResidentBytes) / Report.MiB:0}, {rounds[^1].Closed.ResidentBytes / Report.MiB:0}",
            $"{rounds.Select(round => PerStream(round.Open.ResidentBytes - first.Before.ResidentBytes)).Median():N0}, {rounds.Select(round => PerStream(round.Open.HeapBytes - round.Before.HeapBytes)).Median():N0}",
            $"{PerStream(rounds[^1].Closed.HeapBytes - first.Before.HeapBytes):N0}",
            $"{rounds.Select(round => round.IdleProcessor * 100).Median():0.0} %",
            $"{rounds.Select(round => round.Alone.P50).Median():0.000} ms, {rounds.Select(round => round.Alone.P99).Median():0.000} ms",
            $"{rounds.Select(round => round.Beside.P50 / round.Alone.P50).Median():0.00}, {rounds.Select(round => round.Beside.P99 / round.Alone.P99).Median():0.00}");
    }

    private double PerStream(long bytes) => (double)bytes / load.Streams;
}
