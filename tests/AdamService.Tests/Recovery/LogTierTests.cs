using Adam.Service.Durability;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Manifest = Adam.Storage.V1.Manifest;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.Recovery;

/// <summary>
/// Tier LOG over real sockets and a real disk. A crash is a copy of the data directory that is taken while the service lives: everything that was
/// answered is in it.
/// </summary>
public sealed class LogTierTests : IDisposable
{
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Steps_AfterACrash_AreAllThere_AndOfTheSameGeneration()
    {
        await using var service = await StartAsync();
        Assert.Equal(DurabilityTier.Log, (await service.CreateAsync(Create())).Durability.Tier);
        var last = await TrainAsync(service, "s", 1, 5);
        Assert.Equal(last.Version, last.DurableVersion);

        await using var again = await CrashAsync(service);

        var session = await again.GetAsync("s");
        Assert.Equal((6ul, 6ul, 1ul), (session.Version, session.DurableVersion, session.Generation));
        var repeated = await again.StepAsync(Step("s", 5));
        Assert.Equal((BatchOutcome.Duplicate, BatchOutcome.Applied), (repeated.Result.Outcome, repeated.Result.OriginalOutcome));
        await TrainAsync(again, "s", 6, 7);
        await AssertWeightsAsync(7, again, "s");
    }

    [Fact]
    public async Task EveryKindOfChange_AfterACrash_IsThere()
    {
        await using var service = await StartAsync();
        var request = Create();
        request.Optimizer.Groups[0].UseEma = true;
        request.InitialValues.Clear();
        await service.CreateAsync(request);
        await service.WriteAsync(new WriteBegin { Session = Requests.Ref("s") }, new WriteCommit(), Requests.Chunk(0, 0, Initial));
        await TrainAsync(service, "s", 1, 3);
        await service.Sessions.UpdateSessionAsync(
            new UpdateSessionRequest
            {
                Session = Requests.Ref("s"),
                Update = new SessionUpdate { LearningRate = new LearningRate { Value = 0.25 }, Labels = { ["stage"] = "two" } },
                UpdateMask = new FieldMask { Paths = { "learning_rate", "labels" } },
            },
            TestService.Call());
        await TrainAsync(service, "s", 4, 5);
        await service.Sessions.FinalizeSessionAsync(new FinalizeSessionRequest { Session = Requests.Ref("s") }, TestService.Call());
        await service.CreateAsync(Create("gone"));
        await TrainAsync(service, "gone", 1, 2);
        await service.Sessions.DeleteSessionAsync(new DeleteSessionRequest { Session = Requests.Ref("gone") }, TestService.Call());
        var (expected, weights) = (await service.GetAsync("s"), await service.ReadWeightsAsync("s"));

        await using var again = await CrashAsync(service);

        var actual = await again.GetAsync("s");
        Assert.Equal(expected.Version, actual.Version);
        Assert.Equal(expected.Labels, actual.Labels);
        Assert.Equal(0.25, actual.Optimizer.Groups[0].LearningRate.Value);
        var recovered = await again.ReadWeightsAsync("s");
        Bits.AssertSame(weights, recovered, "weights");
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => again.GetAsync("gone"));
        Assert.Equal(1ul, (await again.CreateAsync(Create("gone"))).Version);
    }

    [Fact]
    public async Task RestoredCheckpoint_AfterACrash_IsThere()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await TrainAsync(service, "s", 1, 2);
        await service.Checkpoints.SaveCheckpointAsync(
            new SaveCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "two" }, TestService.Call());
        await TrainAsync(service, "s", 3, 5);
        var restored = await service.Checkpoints.RestoreCheckpointAsync(
            new RestoreCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "two" }, TestService.Call());
        await TrainAsync(service, "s", 3, 4);

        await using var again = await CrashAsync(service);

        var session = await again.GetAsync("s");
        Assert.Equal((restored.Session.Version + 2, 2ul), (session.Version, session.Generation));
        await AssertWeightsAsync(4, again, "s");
    }

    [Fact]
    public async Task RestoredCheckpoint_BehindASnapshot_IsThereAfterACrash()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await Eventually.EqualAsync(true, () => service.Get<SessionRegistry>().Find("s")!.SnapshotVersion > 0);
        await TrainAsync(service, "s", 1, 2);
        await service.Checkpoints.SaveCheckpointAsync(
            new SaveCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "two" }, TestService.Call());
        await TrainAsync(service, "s", 3, 5);
        await CopyAsync();
        await service.Checkpoints.RestoreCheckpointAsync(
            new RestoreCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "two" }, TestService.Call());
        await TrainAsync(service, "s", 3, 3);

        // The snapshot that follows a restore was not written yet, but the manifest has its generation, which comes before the change.
        var path = Directory.GetFiles(_folder["crashed/sessions"], "manifest", SearchOption.AllDirectories).Single();
        var manifest = RecordFile.Read(FileSystem.Linux, path, Manifest.Parser);
        manifest.Generation = 2;
        RecordFile.Write(FileSystem.Linux, path, manifest);
        File.Copy(Directory.GetFiles(_folder["data/log"]).Single(), Directory.GetFiles(_folder["crashed/log"]).Single(), overwrite: true);

        await using var again = await StartAsync("crashed");

        Assert.Equal(2ul, (await again.GetAsync("s")).Generation);
        await AssertWeightsAsync(3, again, "s");
    }

    [Theory]
    [InlineData(null)]
    [InlineData(3L)]
    [InlineData(0L)]
    public async Task Fork_ThenTheSameGradients_GivesTheSameBits(long? iterations)
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await TrainAsync(service, "s", 1, 6);
        var request = new ForkSessionRequest { Session = Requests.Ref("s"), NewSessionId = "child" };
        if (iterations is { } at)
        {
            request.AtIterations = at;
        }

        var child = (await service.Sessions.ForkSessionAsync(request, TestService.Call())).Session;

        var from = iterations ?? 6;
        var parent = await service.GetAsync("s");
        Assert.Equal((from, parent.SessionUid, (ulong)from + 1), (child.Groups[0].Iterations, child.Lineage.ParentUid, child.Lineage.ParentVersion));
        Assert.Empty(child.Workers);
        for (var step = from + 1; step <= 9; step++)
        {
            await service.StepAsync(Step("child", (ulong)(step - from), step));
        }

        await TrainAsync(service, "s", 7, 9);
        await AssertWeightsAsync(9, service, "child");
        await AssertWeightsAsync(9, service, "s");

        // The child is as safe as its parent, from its beginning on.
        await using var again = await CrashAsync(service);
        await AssertWeightsAsync(9, again, "child");
    }

    [Fact]
    public async Task Fork_OfAnIterationThatIsNotThere_IsRefused()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await TrainAsync(service, "s", 1, 2);
        var request = new ForkSessionRequest { Session = Requests.Ref("s"), NewSessionId = "child", AtIterations = 3 };

        await Refusal.OfAsync(
            StatusCode.NotFound, ErrorReason.IterationNotRetained, async () => await service.Sessions.ForkSessionAsync(request, TestService.Call()));

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => service.GetAsync("child"));
    }

    [Fact]
    public async Task DamagedSession_IsSetAside_AndTheOthersAreBack()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await service.CreateAsync(Create("other"));
        await TrainAsync(service, "s", 1, 4);
        await TrainAsync(service, "other", 1, 4);
        await CopyAsync();

        // A gradient of the second step of 's': durable, and not what it was.
        var segment = Directory.GetFiles(_folder["crashed/log"]).Single();
        var bytes = await File.ReadAllBytesAsync(segment);
        var place = bytes.AsSpan().IndexOf(Floats.ToBytes(Gradient(2), DType.Unspecified).Span);
        bytes[place + 5] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);

        await using var again = await StartAsync("crashed", ErrorsExpected);

        var refusal = await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.GetAsync("s"));
        Assert.DoesNotContain(_folder["crashed"], refusal.Message, StringComparison.Ordinal);
        Assert.Equal(5ul, (await again.GetAsync("other")).Version);
        await again.Sessions.DeleteSessionAsync(new DeleteSessionRequest { Session = Requests.Ref("s") }, TestService.Call());
        Assert.Equal(1ul, (await again.CreateAsync(Create())).Version);
    }

    [Fact]
    public async Task Audit_OfADirectoryInUse_FindsNothing_AndOfADamagedOneThePlace()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await TrainAsync(service, "s", 1, 4);
        await service.Checkpoints.SaveCheckpointAsync(
            new SaveCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "four" }, TestService.Call());
        await CopyAsync();
        var intact = new DataDirectoryAudit(FileSystem.Linux, _folder["crashed"]);

        intact.Run();

        Assert.Empty(intact.Findings);
        Assert.True(intact is { Sessions: 1, StateFiles: >= 1, Records: >= 5 });
        foreach (var path in Directory.GetFiles(_folder["crashed"], "*", SearchOption.AllDirectories).Where(path => new FileInfo(path).Length > 64 && path != _folder["crashed/reserve"]))
        {
            var bytes = await File.ReadAllBytesAsync(path);
            bytes[40] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);
            var audit = new DataDirectoryAudit(FileSystem.Linux, _folder["crashed"]);

            audit.Run();

            Assert.Contains(audit.Findings, finding => finding.Contains(Path.GetFileName(path), StringComparison.Ordinal));
            bytes[40] ^= 1;
            await File.WriteAllBytesAsync(path, bytes);
        }
    }

    private static readonly (string, string) ErrorsExpected = ("Serilog:MinimumLevel:Override:Adam.Service.Recovery", "Fatal");

    private static CreateSessionRequest Create(string id = "s") => Requests.Create(id, Initial);

    private static float[] Gradient(long step) => Floats.Random(50, 100 + (int)step);

    private static StepRequest Step(string id, ulong sequence, long? step = null) =>
        Requests.Step(id, "w", Requests.Begin(sequence, ReplyKind.None), Gradient(step ?? (long)sequence));

    private static Replica Replica(int steps)
    {
        var replica = new Replica(Initial);
        for (var step = 1; step <= steps; step++)
        {
            replica.Apply(Gradient(step));
        }

        return replica;
    }

    private static async Task AssertWeightsAsync(int steps, TestService service, string id)
    {
        var weights = await service.ReadWeightsAsync(id);
        Bits.AssertSame(Replica(steps).Weights(), weights, $"weights of {id}");
    }

    private static async Task<BatchResult> TrainAsync(TestService service, string id, ulong first, ulong last)
    {
        BatchResult? result = null;
        for (var sequence = first; sequence <= last; sequence++)
        {
            result = (await service.StepAsync(Step(id, sequence))).Result;
            Assert.Equal(BatchOutcome.Applied, result.Outcome);
        }

        return result!;
    }

    private Task<TestService> StartAsync(string name = "data", params (string, string)[] settings) =>
        TestService.StartAsync([("Durability:Directory", _folder[name]), .. settings]);

    private async Task<TestService> CrashAsync(TestService service)
    {
        ArgumentNullException.ThrowIfNull(service);
        await CopyAsync();
        return await StartAsync("crashed");
    }

    private Task CopyAsync() => CrashCopy.TakeAsync(_folder["data"], _folder["crashed"]);
}
