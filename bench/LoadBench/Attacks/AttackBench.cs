using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Bench.LoadBench.Processes;
using Adam.Client;

namespace Adam.Bench.LoadBench.Attacks;

/// <summary>What attacks do to a neighbour who trains, beside what an honest load of the same size does.</summary>
internal sealed class AttackBench(AttackPlan plan)
{
    private const string NeighbourId = "neighbour";

    public async Task RunAsync()
    {
        await using var service = await StartAsync();
        await using var attackers = new Attackers(service.Url);
        await using var client = AdamClient.ForAddress(service.Url);
        foreach (var parameters in plan.Parameters)
        {
            await using var neighbour = await Trainer.StartAsync(client, $"{NeighbourId}-{parameters}", parameters);
            await neighbour.StepForAsync(TimeSpan.FromSeconds(10 * plan.Seconds));
            Report.Head(
                $"beside {parameters} parameters",
                "connections, frames, KiB in a second",
                "the twin's",
                "the service's processors: alone, twin, attack",
                "step alone, p50 and p99",
                "twin to alone",
                "attack to alone",
                "attack to twin, p50 and p99",
                "resident grows by");
            foreach (var index in plan.Attacks)
            {
                await MeasureAsync(service, attackers, neighbour, index);
            }
        }
    }

    // Shorter than they are by default, so that some of what waits is ended within a measurement.
    private static Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(
        ("Http2:ConnectionsPerAddressMax", 0),
        ("Http2:PrefaceSeconds", 5),
        ("Http2:RequestHeadersSeconds", 5),
        ("Http2:CallIdleSeconds", 5),
        ("Http2:UnsentBytesMax", 64 << 20));

    private async Task MeasureAsync(ServiceProcess service, Attackers attackers, Trainer neighbour, int index)
    {
        // Once before it counts, and to see how large its twin has to be.
        var time = TimeSpan.FromSeconds(plan.Seconds);
        await attackers.BeginAttackAsync(index);
        await neighbour.StepForAsync(time);
        var each = (await attackers.EndAsync()).PerConnection();
        await attackers.BeginTwinAsync(index, each);
        await neighbour.StepForAsync(time);
        await attackers.EndAsync();

        var before = await service.CollectAsync();
        var resident = before.ResidentBytes;
        var rounds = new List<AttackRound>();
        Rate attackRate = new(0, 0, 0), twinRate = attackRate;
        for (var round = 0; round < plan.Rounds; round++)
        {
            var alone = await TrainAsync(service, neighbour);
            Phase? twin = null, attack = null;
            for (var turn = 0; turn < 2; turn++)
            {
                // Who goes first changes, so that a machine that slows down or speeds up favours nobody.
                if ((round + turn) % 2 == 0)
                {
                    (twin, twinRate) = await BesideAsync(service, attackers, neighbour, () => attackers.BeginTwinAsync(index, each));
                }
                else
                {
                    (attack, attackRate) = await BesideAsync(service, attackers, neighbour, () => attackers.BeginAttackAsync(index));
                    resident = Math.Max(resident, (await service.LookAsync()).ResidentBytes);
                }
            }

            rounds.Add(new AttackRound(alone, twin!, attack!));
        }

        Write(Attack.All[index].Name, attackRate, twinRate, rounds, resident - before.ResidentBytes);
    }

    private async Task<(Phase Phase, Rate Rate)> BesideAsync(ServiceProcess service, Attackers attackers, Trainer neighbour, Func<Task> begin)
    {
        var start = Stopwatch.GetTimestamp();
        await begin();
        var phase = await TrainAsync(service, neighbour);
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return (phase, Rate.Of(await attackers.EndAsync(), seconds));
    }

    private async Task<Phase> TrainAsync(ServiceProcess service, Trainer neighbour)
    {
        var before = await service.LookAsync();
        var start = Stopwatch.GetTimestamp();
        var latency = await neighbour.StepForAsync(TimeSpan.FromSeconds(plan.Seconds));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        return new Phase(latency, ((await service.LookAsync()).ProcessorSeconds - before.ProcessorSeconds) / seconds);
    }

    private static void Write(string name, Rate attack, Rate twin, List<AttackRound> rounds, long grown) => Report.Row(
        $"{name}",
        $"{attack.Connections:0}, {attack.Frames:N0}, {attack.KiB:N0}",
        $"{twin.Connections:0}, {twin.Frames:N0}, {twin.KiB:N0}",
        $"{rounds.Select(round => round.Alone.Processor).Median():0.00}, {rounds.Select(round => round.Twin.Processor).Median():0.00}, {rounds.Select(round => round.Attack.Processor).Median():0.00}",
        $"{rounds.Select(round => round.Alone.Latency.P50).Median():0.00} ms, {rounds.Select(round => round.Alone.Latency.P99).Median():0.00} ms",
        $"{rounds.Select(round => round.Twin.Latency.P50 / round.Alone.Latency.P50).Median():0.00}, {rounds.Select(round => round.Twin.Latency.P99 / round.Alone.Latency.P99).Median():0.00}",
        $"{rounds.Select(round => round.Attack.Latency.P50 / round.Alone.Latency.P50).Median():0.00}, {rounds.Select(round => round.Attack.Latency.P99 / round.Alone.Latency.P99).Median():0.00}",
        $"{rounds.Select(round => round.Attack.Latency.P50 / round.Twin.Latency.P50).Median():0.00}, {rounds.Select(round => round.Attack.Latency.P99 / round.Twin.Latency.P99).Median():0.00}",
        $"{grown / Report.MiB:0} MiB");
}
