using Adam.Crash.Tests.Recovered;
using Adam.Crash.Tests.Workload;
using Adam.V1;

namespace Adam.Crash.Tests.Damage;

/// <summary>
/// A small data directory as a killed service leaves it: one session of tier LOG with snapshots and the log behind them, one whose whole past is in the
/// log, one of tier SNAPSHOT, and two checkpoints.
/// </summary>
internal sealed class SmallDirectory : IDisposable
{
    private const int Batches = 11;
    private const int SnapshotEvery = 3;

    private SmallDirectory(string path) => Path = path;

    /// <summary>Where it is.</summary>
    public string Path { get; }

    /// <summary>Its sessions: what they were told, and what they are after each number of batches.</summary>
    public IReadOnlyList<SmallSession> Sessions { get; private set; } = [];

    /// <summary>Its files, by their paths in it; the lock is none, and snapshots are not all the same each time.</summary>
    public IReadOnlyDictionary<string, byte[]> Files { get; private set; } = new Dictionary<string, byte[]>();

    /// <summary>Makes it.</summary>
    public static async Task<SmallDirectory> MakeAsync()
    {
        var directory = new SmallDirectory(MemoryFolder.Create("adam-small-"));
        try
        {
            await directory.FillAsync();
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    /// <summary>Writes it once more, somewhere else, with one file changed.</summary>
    public void WriteTo(string path, string changed, ReadOnlySpan<byte> content)
    {
        foreach (var (name, bytes) in Files)
        {
            var file = System.IO.Path.Combine(path, name);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, name == changed ? content : bytes);
        }
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static IReadOnlyList<SessionPlan> Plans() =>
    [
        new(
            "snapshotted",
            DurabilityTier.Log,
            new OptimizerConfig { Groups = { new AdamConfig { Amsgrad = true } } },
            [Tensor("kernel", 5, 3), Tensor("bias", 3)],
            SnapshotEvery),
        new("logged", DurabilityTier.Log, new OptimizerConfig { GradientAccumulationSteps = 2 }, [Tensor("a", 7), Tensor("b", 2, 2)]),
        new("below", DurabilityTier.Snapshot, new OptimizerConfig(), [Tensor("kernel", 4, 4), Tensor("bias", 4)], SnapshotEvery),
    ];

    private static TensorSpec Tensor(string name, params long[] shape) => new() { Name = name, Shape = { shape } };

    private async Task FillAsync()
    {
        var sessions = new List<SmallSession>();
        await using (var service = await LocalService.StartAsync(Path, ("Durability:SnapshotEverySeconds", "86400")))
        {
            List<PlainClient> clients = [.. Plans().Select(plan => new PlainClient(plan, service.Channel))];
            foreach (var client in clients)
            {
                await client.CreateAsync();
                if (client.Plan.SnapshotEvery > 0)
                {
                    await WaitForSnapshotAsync(service, client.Plan.SessionId, 1);
                }

                for (var batch = 1; batch <= Batches; batch++)
                {
                    Assert.Null(await client.StepAsync());

                    // Snapshots come one at a time, where they are wanted.
                    if (client.Plan.SnapshotEvery > 0 && batch % SnapshotEvery == 0)
                    {
                        await WaitForSnapshotAsync(service, client.Plan.SessionId, client.Results[^1].Version);
                    }
                }
            }

            var checkpoints = new Checkpoints.CheckpointsClient(service.Channel);
            foreach (var id in new[] { "snapshotted", "below" })
            {
                await checkpoints.SaveCheckpointAsync(new SaveCheckpointRequest { Session = new SessionRef { SessionId = id }, CheckpointId = "kept" });
            }

            // As a kill now would leave it: everything was acknowledged, and what the log takes lazily is there with what came after it.
            Files = Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories)
                .Where(file => System.IO.Path.GetFileName(file) != "lock")
                .ToDictionary(file => System.IO.Path.GetRelativePath(Path, file), File.ReadAllBytes);
            foreach (var client in clients)
            {
                var uid = Convert.ToHexStringLower(service.Sessions.Find(client.Plan.SessionId)!.Uid.Span);
                sessions.Add(new SmallSession(client, uid, await Reference.RunAsync(client.Plan, Enumerable.Range(0, Batches + 1))));
            }
        }

        Sessions = sessions;
    }

    private static async Task WaitForSnapshotAsync(LocalService service, string sessionId, ulong version)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (service.Sessions.Find(sessionId)!.SnapshotVersion < version)
        {
            await timer.WaitForNextTickAsync(giveUp.Token);
        }
    }
}
