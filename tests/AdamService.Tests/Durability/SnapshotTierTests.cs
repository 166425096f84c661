using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.Durability;

/// <summary>Tier SNAPSHOT over real sockets and a real disk, through stops and crashes.</summary>
public sealed class SnapshotTierTests : IDisposable
{
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Session_AfterAnOrderlyStop_GoesOnWithTheSameBitsAndGeneration()
    {
        ulong version;
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            for (var sequence = 1ul; sequence <= 3; sequence++)
            {
                await service.StepAsync(Step(sequence));
            }

            version = (await service.GetAsync("s")).Version;
        }

        await using var again = await StartAsync();

        var session = await again.GetAsync("s");
        Assert.Equal((version, version, 1ul), (session.Version, session.DurableVersion, session.Generation));
        Assert.Equal(DurabilityTier.Snapshot, session.Durability.Tier);
        var repeated = await again.StepAsync(Step(3));
        Assert.Equal((BatchOutcome.Duplicate, BatchOutcome.Applied), (repeated.Result.Outcome, repeated.Result.OriginalOutcome));
        await again.StepAsync(Step(4));
        var replica = new Replica(Initial);
        for (var sequence = 1; sequence <= 4; sequence++)
        {
            replica.Apply(Gradient(sequence));
        }

        var weights = await again.ReadWeightsAsync("s");
        Bits.AssertSame(replica.Weights(), weights, "weights");
        Assert.False((await again.Sessions.CreateSessionAsync(Create(), TestService.Call())).Created);
    }

    [Fact]
    public async Task Session_WithoutRoomForACopy_IsKeptByAnOrderlyStop()
    {
        (string, string)[] small = [("Durability:Directory", _folder["data"]), ("Limits:MemoryBytes", "1000")];
        await using (var service = await TestService.StartAsync(small))
        {
            await service.CreateAsync(Create());
            await service.StepAsync(Step(1));
            Assert.Equal(0ul, (await service.GetAsync("s")).DurableVersion);
        }

        await using var again = await StartAsync();

        Assert.Equal((2ul, 1ul), ((await again.GetAsync("s")).Version, (await again.GetAsync("s")).Generation));
    }

    [Fact]
    public async Task Session_AfterACrash_IsWhatResultsCalledDurableAndOfTheNextGeneration()
    {
        ulong durable;
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            await Eventually.EqualAsync(1ul, async () => (await service.GetAsync("s")).DurableVersion);
            durable = (await service.StepAsync(Step(1))).Result.DurableVersion;
            Crash();
        }

        await using var again = await StartAsync("crashed");

        var session = await again.GetAsync("s");
        Assert.Equal((1ul, durable, 2ul), (session.Version, session.DurableVersion, session.Generation));
        var stale = new StepRequest(Step(1));
        stale.Session.ExpectedGeneration = 1;
        await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.GenerationChanged, () => again.StepAsync(stale));
        Assert.Equal(BatchOutcome.Applied, (await again.StepAsync(Step(1))).Result.Outcome);
    }

    [Fact]
    public async Task Generation_OfACrashAfterAnOrderlyStop_RisesOnlyThen()
    {
        await using (var first = await StartAsync())
        {
            await first.CreateAsync(Create());
        }

        await using (var second = await StartAsync())
        {
            Assert.Equal(1ul, (await second.GetAsync("s")).Generation);
            Crash();
        }

        await using var third = await StartAsync("crashed");
        Assert.Equal(2ul, (await third.GetAsync("s")).Generation);
    }

    [Fact]
    public async Task DurableVersion_WithANumberOfSteps_Follows()
    {
        await using var service = await StartAsync();
        var request = Create();
        request.Durability.SnapshotEverySteps = 2;
        await service.CreateAsync(request);
        await Eventually.EqualAsync(1ul, async () => (await service.GetAsync("s")).DurableVersion);

        await service.StepAsync(Step(1));
        await service.StepAsync(Step(2));

        await Eventually.EqualAsync(3ul, async () => (await service.GetAsync("s")).DurableVersion);
        Assert.Equal(3ul, (await service.StepAsync(Step(3))).Result.DurableVersion);
    }

    [Fact]
    public async Task Session_ThatWasDeleted_IsGoneForEver()
    {
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            await Eventually.EqualAsync(1ul, async () => (await service.GetAsync("s")).DurableVersion);
            await service.DeleteAsync("s");
            Assert.Empty(Directory.EnumerateFileSystemEntries(_folder["data/sessions"]));
        }

        await using var again = await StartAsync();
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => again.GetAsync("s"));
    }

    [Fact]
    public async Task Snapshot_ThatIsDamaged_GivesWayToTheOneBefore()
    {
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            await Eventually.EqualAsync(1ul, async () => (await service.GetAsync("s")).DurableVersion);
            await service.StepAsync(Step(1));
        }

        var newest = Assert.Single(Directory.EnumerateFiles(_folder["data/sessions"], "snapshot-2.safetensors", SearchOption.AllDirectories));
        Garble(newest);

        await using var again = await StartAsync();

        var session = await again.GetAsync("s");
        Assert.Equal((1ul, 2ul), (session.Version, session.Generation));
        var error = Assert.Single(again.TakeErrors());
        Assert.Contains(newest, error, StringComparison.Ordinal);
        Assert.Contains("'t0", error, StringComparison.Ordinal);
        Assert.True(File.Exists(newest + ".damaged"));
    }

    [Fact]
    public async Task Session_WithoutAnIntactSnapshot_IsSetAsideAndKeepsNobodyElse()
    {
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            await service.CreateAsync(Create("other"));
        }

        var folder = FolderOf("s");
        Garble(Assert.Single(Directory.EnumerateFiles(folder, "snapshot-*")));

        await using var again = await StartAsync();

        Assert.Contains(again.TakeErrors(), error => error.Contains("snapshot-1.safetensors", StringComparison.Ordinal));
        Assert.Equal(1ul, (await again.GetAsync("other")).Version);
        var refusal = await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.GetAsync("s"));
        Assert.DoesNotContain("safetensors", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, refusal.Message, StringComparison.Ordinal);
        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.CreateAsync(Create()));
        await again.DeleteAsync("s");
        Assert.False(Directory.Exists(folder));
        await again.CreateAsync(Create());
    }

    [Fact]
    public async Task Directory_ThatAnotherServiceHas_IsNotShared()
    {
        await using var service = await StartAsync();

        var refused = await Assert.ThrowsAsync<StorageInUseException>(() => StartAsync());

        Assert.Contains(Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Create_WithoutADirectory_RefusesTiersThatNeedOne()
    {
        await using var service = await TestService.StartAsync();

        var refusal = await Refusal.OfAsync(StatusCode.FailedPrecondition, ErrorReason.StorageOff, () => service.CreateAsync(Create()));

        Assert.Equal("Durability:Directory", refusal.Metadata["option"]);
        Assert.Equal(DurabilityTier.Memory, (await service.CreateAsync(Requests.Create("m", Initial))).Durability.Tier);
    }

    [Theory]
    [InlineData(true, 0, "durability.snapshot_every_steps")]
    [InlineData(false, 0, "durability.snapshot_every")]
    [InlineData(false, -1, "durability.snapshot_every")]
    public async Task Create_WithIntervalsThatAreNone_IsRefused(bool isNumber, long value, string field)
    {
        await using var service = await StartAsync();
        var request = Create();
        if (isNumber)
        {
            request.Durability.SnapshotEverySteps = (ulong)value;
        }
        else
        {
            request.Durability.SnapshotEvery = new() { Seconds = value };
        }

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => service.CreateAsync(request));

        Assert.Equal([field], refusal.Fields);
    }

    [Fact]
    public async Task Calls_WhileSessionsAreRead_AreToldToTryAgain()
    {
        await using var service = await StartAsync();
        service.Get<SessionRegistry>().Recovering = "1 of 2 are done";

        var refusal = await Refusal.OfAsync(StatusCode.Unavailable, ErrorReason.Recovering, () => service.GetAsync("s"));
        await Refusal.OfAsync(StatusCode.Unavailable, ErrorReason.Recovering, () => service.CreateAsync(Create()));

        Assert.Contains("1 of 2", refusal.Message, StringComparison.Ordinal);
        service.Get<SessionRegistry>().Recovering = "";
    }

    [Fact]
    public async Task Epochs_AfterARestart_AreAboveEarlierOnes()
    {
        ulong before;
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            using var client = await TrainClient.OpenAsync(service, "s");
            before = client.Opened.WorkerEpoch;
            await client.CloseAsync();
        }

        await using var again = await StartAsync();
        using var later = await TrainClient.OpenAsync(again, "s");
        Assert.Equal(((1ul << 32) + 1, (2ul << 32) + 1), (before, later.Opened.WorkerEpoch));
        await later.CloseAsync();
    }

    private static CreateSessionRequest Create(string id = "s")
    {
        var request = Requests.Create(id, Initial);
        request.Durability = new V1.Durability { Tier = DurabilityTier.Snapshot };
        return request;
    }

    private static float[] Gradient(int sequence) => Floats.Random(Initial.Length, 100 + sequence);

    private static StepRequest Step(ulong sequence) => Requests.Step("s", "w", Requests.Begin(sequence, ReplyKind.None), Gradient((int)sequence));

    private static void Garble(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes[^1] ^= 0xff;
        File.WriteAllBytes(path, bytes);
    }

    private string FolderOf(string sessionId) => Directory.EnumerateDirectories(_folder["data/sessions"])
        .Single(path => SessionFolder.Open(FileSystem.Linux, path)!.Manifest.SessionId == sessionId);

    private Task<TestService> StartAsync(string name = "data") => TestService.StartAsync(("Durability:Directory", _folder[name]));

    // What is on disk now is what a process that is killed now leaves.
    private void Crash()
    {
        foreach (var file in Directory.EnumerateFiles(_folder["data"], "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "lock"))
        {
            var copy = Path.Combine(_folder["crashed"], Path.GetRelativePath(_folder["data"], file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
