using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Client;

namespace Adam.Bench.LoadBench.Active;

/// <summary>Many streams that train small models at the same time, and few that do the same number of steps, in turns.</summary>
internal sealed class ActiveBench(ActiveLoad load)
{
    public async Task RunAsync()
    {
        await using var service = await ServiceProcess.StartAsync(
            ("Limits:SessionsMax", load.Streams + load.Connections),
            ("Http2:StreamsPerConnectionMax", ((load.Streams + load.Connections - 1) / load.Connections) + 1));
        List<AdamClient> clients = [.. Enumerable.Range(0, load.Connections).Select(_ => AdamClient.ForAddress(service.Url))];
        var few = await OpenAsync(clients, "few", load.Connections);
        await RunAsync(few);
        var before = await service.CollectAsync();
        var many = await OpenAsync(clients, "many", load.Streams);
        await RunAsync(many);

        var rounds = new List<(ActiveRun Few, ActiveRun Many)>();
        var residentMax = 0L;
        for (var round = 0; round < load.Rounds; round++)
        {
            // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
            var first = await RunAsync(round % 2 == 0 ? few : many);
            var second = await RunAsync(round % 2 == 0 ? many : few);
            rounds.Add(round % 2 == 0 ? (first, second) : (second, first));
            residentMax = Math.Max(residentMax, (await service.LookAsync()).ResidentBytes);
        }

        var after = await service.CollectAsync();
        Report.Head($"{load.Steps} steps, {load.Connections} connections", "steps in a second", "p50", "p99");
        Write(few.Count, rounds.Select(round => round.Few));
        Write(many.Count, rounds.Select(round => round.Many));
        Console.WriteLine(FormattableString.Invariant(
            $"\nRatio of the rates, many to few: {rounds.Select(round => round.Many.Rate / round.Few.Rate).Median():0.00}. ")
            + FormattableString.Invariant(
                $"Resident: {before.ResidentBytes / Report.MiB:0} MiB before, at most {residentMax / Report.MiB:0} MiB; ")
            + FormattableString.Invariant($"heap of each of the many: {(double)(after.HeapBytes - before.HeapBytes) / load.Streams:N0} bytes."));
        await CloseAsync([.. few, .. many]);
        clients.ForEach(client => client.Dispose());
    }

    private static async Task<List<Trainer>> OpenAsync(List<AdamClient> clients, string name, int count)
    {
        var opened = new List<Trainer>();
        for (var index = 0; index < count; index++)
        {
            opened.Add(await Trainer.StartAsync(clients[index % clients.Count], $"{name}-{index}", ActiveLoad.Parameters));
        }

        return opened;
    }

    private async Task<ActiveRun> RunAsync(List<Trainer> trainers)
    {
        var start = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(trainers.Select(trainer => Task.Run(() => StepAsync(trainer, load.Steps / trainers.Count))));
        var rate = times.Sum(each => each.Count) / Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new ActiveRun(rate, Latency.Of([.. times.SelectMany(each => each)]));
    }

    private static async Task<List<double>> StepAsync(Trainer trainer, int steps)
    {
        var times = new List<double>(steps);
        for (var step = 0; step < steps; step++)
        {
            times.Add(await trainer.StepAsync());
        }

        return times;
    }

    private static void Write(int streams, IEnumerable<ActiveRun> runs) => Report.Row(
        $"{streams} streams",
        $"{runs.Select(run => run.Rate).Median():N0}",
        $"{runs.Select(run => run.Latency.P50).Median():0.00} ms",
        $"{runs.Select(run => run.Latency.P99).Median():0.00} ms");

    private static async Task CloseAsync(IEnumerable<Trainer> trainers)
    {
        foreach (var trainer in trainers)
        {
            await trainer.DisposeAsync();
        }
    }
}
