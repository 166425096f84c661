using Adam.Bench.LoadBench.Processes;
using Adam.Bench.ServiceBench.Peers;
using Adam.Bench.ServiceBench.Report;
using Adam.Client;

namespace Adam.Bench.ServiceBench.Parts;

/// <summary>
/// Shared memory beside the engine in the trainer's own process: in place, and with what makes the service copy gradients first, which is a policy that looks
/// at them, a digest, or tier LOG.
/// </summary>
internal sealed class SharedMemory : IPart
{
    /// <summary>Its name.</summary>
    public const string PartName = "shared-memory";

    // Takes part in all rounds, right behind the engine.
    private const string PlainName = "shared memory, PROPAGATE";
    private const int Plain = 1;

    public string Name => PartName;

    // Not all at once: with large models their sessions would leave no memory for the files of the log.
    public async Task RunAsync(Yardsticks yardsticks, Rounds rounds, Findings findings)
    {
        findings.Add(Name, yardsticks.Workload, await RunAsync("Shared memory", EnterAsync, yardsticks, rounds));
        findings.Add(Name, yardsticks.Workload, await RunAsync("Shared memory, tier LOG", EnterWithLogAsync, yardsticks, rounds));
    }

    private static async Task<Table> RunAsync(string title, Func<Participants, Task> enterAsync, Yardsticks yardsticks, Rounds rounds)
    {
        await using var participants = new Participants(yardsticks.Workload);
        await enterAsync(participants);
        var times = await rounds.RunAsync([yardsticks.GetEngine(), .. participants.Peers]);
        var (engine, plain) = (times[0], times[Plain]);
        return new Table(
            title,
            ["the engine", "the engine, fastest rounds", PlainName],
            [.. times.Select(time => new Row(time.Name, time.Median, [time.Of(engine), time.OfAtBest(engine), time.Of(plain)]))]);
    }

    private static async Task EnterAsync(Participants participants)
    {
        var service = await ServeAsync(participants);
        var plain = await TrainAsync(participants, service, NonFinitePolicy.Propagate);
        participants.Add(new SharedPeer(PlainName, plain));
        participants.Add(new SharedPeer($"{PlainName}, digest", plain, withDigest: true));
        participants.Add(new EnginePeer("the engine, in process, SKIP", participants.Workload, Engine.NonFinitePolicy.Skip));
        participants.Add(new SharedPeer("shared memory, SKIP", await TrainAsync(participants, service, NonFinitePolicy.Skip)));
        participants.Add(new SharedPeer("shared memory, REJECT", await TrainAsync(participants, service, NonFinitePolicy.Reject)));
        if (participants.Workload.IsSmall)
        {
            participants.Add("float32 in and out, the same Unix socket", await participants.TrainAsync(service), Exchange.Float32);
        }
    }

    private static async Task EnterWithLogAsync(Participants participants)
    {
        var service = await ServeAsync(
            participants,
            $"Durability:Directory={participants.PathOf("data")}",
            "Durability:DefaultTier=MEMORY",

            // No snapshots between steps.
            "Durability:SnapshotEverySeconds=86400",
            "Durability:SnapshotAfterLogOfStates=1000");
        participants.Add(new SharedPeer(PlainName, await TrainAsync(participants, service, NonFinitePolicy.Propagate)));
        participants.Add(new SharedPeer(
            $"{PlainName}, tier LOG", await TrainAsync(participants, service, NonFinitePolicy.Propagate, DurabilityTier.Log)));
    }

    private static Task<ServiceProcess> ServeAsync(Participants participants, params IEnumerable<string> settings) =>
        participants.ServeAsync(new Uri($"unix://{participants.PathOf("grpc.sock")}"), ["SharedMemory:Enabled=true", .. settings]);

    private static async Task<SharedTrainer> TrainAsync(
        Participants participants, ServiceProcess service, NonFinitePolicy policy, DurabilityTier tier = DurabilityTier.Memory) =>
        participants.Own(await SharedTrainer.StartAsync(
            service.Url, participants.Session with { Optimizer = new OptimizerSettings { NonFinitePolicy = policy }, Durability = tier }));
}
