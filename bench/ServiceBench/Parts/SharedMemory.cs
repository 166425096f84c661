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

    // Behind those that the service is compared with.
    private const int Plain = 2;

    public string Name => PartName;

    public async Task RunAsync(Yardsticks yardsticks, Rounds rounds, Findings findings)
    {
        await using var participants = new Participants(yardsticks.Workload);
        participants.Add(new EnginePeer("the engine, in process, SKIP", yardsticks.Workload, Engine.NonFinitePolicy.Skip));
        await EnterAsync(participants);
        var times = await rounds.RunAsync([yardsticks.GetEngine(), .. participants.Peers]);
        var (engine, plain) = (times[0], times[Plain]);
        findings.Add(Name, yardsticks.Workload, new Table(
            "Shared memory",
            ["the engine", "the engine, fastest rounds", "shared memory, PROPAGATE"],
            [.. times.Select(time => new Row(time.Name, time.Median, [time.Of(engine), time.OfAtBest(engine), time.Of(plain)]))]));
    }

    private static async Task EnterAsync(Participants participants)
    {
        var service = await ServeAsync(participants);
        var plain = await TrainAsync(participants, service, NonFinitePolicy.Propagate);
        participants.Add(new SharedPeer("shared memory, PROPAGATE", plain));
        participants.Add(new SharedPeer("shared memory, PROPAGATE, digest", plain, withDigest: true));
        participants.Add(new SharedPeer("shared memory, SKIP", await TrainAsync(participants, service, NonFinitePolicy.Skip)));
        participants.Add(new SharedPeer("shared memory, REJECT", await TrainAsync(participants, service, NonFinitePolicy.Reject)));
        var logged = await TrainAsync(participants, service, NonFinitePolicy.Propagate, DurabilityTier.Log);
        participants.Add(new SharedPeer("shared memory, PROPAGATE, tier LOG", logged));
        if (participants.Workload.IsSmall)
        {
            participants.Add("float32 in and out, the same Unix socket", await participants.TrainAsync(service), Exchange.Float32);
        }
    }

    // With a log for the session that asks for it, and no snapshots between its steps.
    private static Task<ServiceProcess> ServeAsync(Participants participants) => participants.ServeAsync(
        new Uri($"unix://{participants.PathOf("grpc.sock")}"),
        "SharedMemory:Enabled=true",
        $"Durability:Directory={participants.PathOf("data")}",
        "Durability:DefaultTier=MEMORY",
        "Durability:SnapshotEverySeconds=86400",
        "Durability:SnapshotAfterLogOfStates=1000");

    private static async Task<SharedTrainer> TrainAsync(
        Participants participants, ServiceProcess service, NonFinitePolicy policy, DurabilityTier tier = DurabilityTier.Memory) =>
        participants.Own(await SharedTrainer.StartAsync(
            service.Url, participants.Session with { Optimizer = new OptimizerSettings { NonFinitePolicy = policy }, Durability = tier }));
}
