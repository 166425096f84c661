using System.Globalization;
using Adam.Crash.Tests.Recovered;
using Adam.Crash.Tests.Service;
using Adam.Crash.Tests.Workload;
using Adam.V1;
using Grpc.Core;
using Xunit.Abstractions;

namespace Adam.Crash.Tests.Faults;

/// <summary>The real service, clients of every tier, and what they were told: it is killed in the end, and all of that must be there.</summary>
internal sealed class FaultRun : IAsyncDisposable
{
    private const int RefusalsMax = 2000;

    // Small segments, so that they are begun and released all the time.
    private static readonly string[] Settings = ["Durability:LogSegmentBytes=1048576", "Durability:SnapshotAfterLogOfStates=8"];

    private readonly List<(string SessionId, string Id, ulong Version)> _checkpoints = [];
    private readonly DataDirectory? _data;
    private readonly ITestOutputHelper _output;
    private int _nextCheckpoint;

    private FaultRun(string path, DataDirectory? data, MortalService service, ITestOutputHelper output) =>
        (DataPath, _data, Service, _output) = (path, data, service, output);

    /// <summary>The data directory.</summary>
    public string DataPath { get; }

    /// <summary>The service.</summary>
    public MortalService Service { get; }

    /// <summary>One client of tier LOG for each kind of state.</summary>
    public IReadOnlyList<PlainClient> Logged { get; private set; } = [];

    /// <summary>One of tier SNAPSHOT.</summary>
    public PlainClient Snapshotted { get; private set; } = null!;

    /// <summary>One of tier MEMORY.</summary>
    public PlainClient Kept { get; private set; } = null!;

    /// <summary>Starts a service on a directory of its own, with sessions that have trained a little.</summary>
    public static async Task<FaultRun> StartAsync(ITestOutputHelper output)
    {
        var data = new DataDirectory();
        try
        {
            return await StartAsync(data.Path, data, output);
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }

    /// <summary>The same on a directory that is the caller's.</summary>
    public static Task<FaultRun> StartAsync(string path, ITestOutputHelper output) => StartAsync(path, null, output);

    /// <summary>Trains all that is durable until each has been acknowledged so often, or the log has failed; a checkpoint is saved now and then.</summary>
    /// <param name="more">How often.</param>
    /// <returns>How often there was no room, and whether the log has failed.</returns>
    public async Task<(int Full, bool HasFailed)> TrainAsync(int more)
    {
        var isOver = false;
        var saving = SaveUntilAsync(() => Volatile.Read(ref isOver));
        var outcomes = await Task.WhenAll(Logged.Append(Snapshotted).Select(client => TrainAsync(client, more)));
        Volatile.Write(ref isOver, true);
        await saving;
        return (outcomes.Sum(static outcome => outcome.Full), outcomes.Any(static outcome => outcome.HasFailed));
    }

    /// <summary>Sends one client's batches until one is refused.</summary>
    /// <returns>The reason.</returns>
    public static async Task<string> UntilRefusedAsync(PlainClient client)
    {
        for (var count = 0; count < 5_000; count++)
        {
            if (await client.StepAsync() is { } refused)
            {
                return PlainClient.ReasonOf(refused);
            }
        }

        throw new InvalidOperationException($"'{client.Plan.SessionId}' was never refused.");
    }

    /// <summary>Saves a checkpoint.</summary>
    /// <returns>Why not; empty if it was saved.</returns>
    public async Task<string> SaveAsync(string sessionId)
    {
        var id = string.Create(CultureInfo.InvariantCulture, $"c{_nextCheckpoint++}");
        try
        {
            var saved = await new Checkpoints.CheckpointsClient(Service.Channel).SaveCheckpointAsync(
                new SaveCheckpointRequest { Session = new SessionRef { SessionId = sessionId }, CheckpointId = id }, deadline: PlainClient.Deadline());
            _checkpoints.Add((sessionId, id, saved.Checkpoint.Version));
            return "";
        }
        catch (RpcException refused) when (PlainClient.ReasonOf(refused) is { Length: > 0 } reason)
        {
            return reason;
        }
    }

    /// <summary>Kills the service, starts the next one on what it left, and says that everything is there that was acknowledged.</summary>
    public async Task KillAndVerifyAsync()
    {
        try
        {
            await Service.KillAsync();
            await VerifyAsync();
        }
        catch
        {
            _data?.Keep = true;
            _output.WriteLine($"The data directory is {DataPath}. The service said: {Service.Output}");
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Service.DisposeAsync();
        _data?.Dispose();
    }

    private static async Task<FaultRun> StartAsync(string path, DataDirectory? data, ITestOutputHelper output)
    {
        var service = await MortalService.StartAsync(path, Settings);
        var run = new FaultRun(path, data, service, output)
        {
            Logged = [.. Plans.All(DurabilityTier.Log).Select(plan => new PlainClient(plan, service.Channel))],
            Snapshotted = new PlainClient(Plans.All(DurabilityTier.Snapshot)[1] with { SessionId = "below" }, service.Channel),
            Kept = new PlainClient(Plans.All(DurabilityTier.Memory)[0] with { SessionId = "memory" }, service.Channel),
        };
        foreach (var client in run.Logged.Append(run.Snapshotted).Append(run.Kept))
        {
            await client.CreateAsync();
            await client.RunAsync(() => client.Acknowledged < 3);
        }

        // Without a snapshot there is nothing that would have to come back.
        await run.Snapshotted.RunAsync(() => run.Snapshotted.DurableVersion == 0);
        Assert.Equal("", await run.SaveAsync(run.Logged[0].Plan.SessionId));
        Assert.Equal("", await run.SaveAsync(run.Snapshotted.Plan.SessionId));
        return run;
    }

    private static async Task<(int Full, bool HasFailed)> TrainAsync(PlainClient client, int more)
    {
        var full = 0;
        for (var target = client.Acknowledged + more; client.Acknowledged < target;)
        {
            if (await client.StepAsync() is not { } refused)
            {
                continue;
            }

            var reason = PlainClient.ReasonOf(refused);
            if (reason == "STORAGE_FAILED")
            {
                // For good.
                Assert.Equal("STORAGE_FAILED", await UntilRefusedAtOnceAsync(client));
                return (full, true);
            }

            Assert.Equal("STORAGE_FULL", reason);
            Assert.True(++full < RefusalsMax, "There was no room again and again.");
        }

        return (full, false);
    }

    /// <summary>Sends a batch that must be refused.</summary>
    /// <returns>The reason.</returns>
    public static async Task<string> UntilRefusedAtOnceAsync(PlainClient client)
    {
        var refused = await client.StepAsync();
        Assert.True(refused is not null, $"Batch {client.Acknowledged} of '{client.Plan.SessionId}' was acknowledged.");
        return PlainClient.ReasonOf(refused);
    }

    private async Task SaveUntilAsync(Func<bool> isOver)
    {
        for (var count = 0; !isOver() && count < 20; count++)
        {
            var reason = await SaveAsync(count % 2 == 0 ? Logged[1].Plan.SessionId : Snapshotted.Plan.SessionId);
            Assert.True(reason is "" or "STORAGE_FULL" or "STORAGE_FAILED", reason);
        }
    }

    private async Task VerifyAsync()
    {
        await using var next = await LocalService.StartAsync(DataPath);
        foreach (var client in Logged)
        {
            // 1. What was acknowledged, or one more, whose answer got lost.
            var (id, told) = (client.Plan.SessionId, client.Acknowledged);
            var found = await PictureAsync(next, id);
            Assert.InRange(found.Batches, told, told + 1);
            Assert.Equal(1ul, found.Generation);
            var reference = await Reference.RunAsync(client.Plan, [found.Batches, told + 1]);
            Assert.Equal("", found.DifferenceFrom(reference.After(found.Batches)));
            foreach (var (expected, actual) in reference.Results.Zip(client.Results))
            {
                Assert.Equal((expected.Outcome, expected.Version), (actual.Outcome, actual.Version));
            }

            // 2. Sent again it is applied once.
            var again = await new Training.TrainingClient(next.Channel).StepAsync(client.Plan.ToStep((ulong)told + 1));
            Assert.Equal(found.Batches > told, again.Result.Outcome == BatchOutcome.Duplicate);
            Assert.Equal("", (await PictureAsync(next, id)).DifferenceFrom(reference.After(told + 1)));
        }

        var below = await PictureAsync(next, Snapshotted.Plan.SessionId);
        Assert.True(below.State.Version >= Snapshotted.DurableVersion, $"Version {below.State.Version} came back, and {Snapshotted.DurableVersion} was durable.");
        Assert.True(below.Generation > 1);
        Assert.Equal("", below.DifferenceFrom((await Reference.RunAsync(Snapshotted.Plan, [below.Batches])).After(below.Batches)));
        Assert.Null(await next.PictureAsync(Kept.Plan.SessionId));
        await VerifyCheckpointsAsync(next);
    }

    private async Task VerifyCheckpointsAsync(LocalService next)
    {
        var client = new Checkpoints.CheckpointsClient(next.Channel);
        foreach (var (sessionId, id, version) in _checkpoints)
        {
            var session = new SessionRef { SessionId = sessionId };
            var verified = await client.VerifyCheckpointAsync(new VerifyCheckpointRequest { Session = session, CheckpointId = id });
            Assert.True(verified.Intact, verified.Finding);
            var listed = await client.ListCheckpointsAsync(new ListCheckpointsRequest { Session = session, PageSize = 1000 });
            Assert.Equal(version, listed.Checkpoints.Single(checkpoint => checkpoint.CheckpointId == id).Version);
        }
    }

    private static async Task<SessionPicture> PictureAsync(LocalService service, string sessionId)
    {
        var picture = await service.PictureAsync(sessionId);
        Assert.True(picture is not null, $"'{sessionId}' is not there: {service.Sessions.FindSetAside(sessionId)?.Finding}");
        return picture;
    }
}
