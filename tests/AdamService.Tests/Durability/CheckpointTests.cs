using Adam.Service.Limits;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.Durability;

/// <summary>Checkpoints, exports and imports over real sockets and a real disk.</summary>
public sealed class CheckpointTests : IDisposable
{
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Restore_OfAnEarlierState_GoesOnFromThereWithTheSameBits()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await service.StepAsync(Step(1));
        var saved = await SaveAsync(service, "a");
        await service.StepAsync(Step(2));

        var restored = (await service.Checkpoints.RestoreCheckpointAsync(
            new RestoreCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "a" }, TestService.Call())).Session;

        Assert.Equal((2ul, 4ul, 2ul), (saved.Version, restored.Version, restored.Generation));
        Assert.Equal(2ul, Assert.Single(restored.Workers).NextSequence);
        var stale = Step(2);
        stale.Session.ExpectedGeneration = 1;
        await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.GenerationChanged, () => service.StepAsync(stale));
        await service.StepAsync(Step(2, seed: 7));
        var weights = await service.ReadWeightsAsync("s");
        Bits.AssertSame(new Replica(Initial).Apply(Gradient(1)).Apply(Gradient(7)).Weights(), weights, "weights");
    }

    [Fact]
    public async Task Restore_WhileAStreamIsOpen_EndsIt()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await SaveAsync(service, "a");
        using var client = await TrainClient.OpenAsync(service, "s");

        await service.Checkpoints.RestoreCheckpointAsync(
            new RestoreCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "a" }, TestService.Call());

        Assert.Equal(StatusCode.Aborted, (await client.ReadRefusalAsync()).Code);
    }

    [Fact]
    public async Task Save_OfTheSameStateAgain_IsTheSameCheckpoint()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        var first = await SaveAsync(service, "a");

        Assert.Equal(first, await SaveAsync(service, "a"));
        await service.StepAsync(Step(1));
        await Refusal.OfAsync(StatusCode.AlreadyExists, ErrorReason.CheckpointExists, () => SaveAsync(service, "a"));
        Assert.Equal("g1-v2", (await SaveAsync(service, "")).CheckpointId);
    }

    [Fact]
    public async Task List_PageByPage_IsNewestFirst()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        foreach (var id in new[] { "b", "a", "c" })
        {
            await SaveAsync(service, id);
        }

        var request = new ListCheckpointsRequest { Session = Requests.Ref("s"), PageSize = 2 };
        var first = await service.Checkpoints.ListCheckpointsAsync(request, TestService.Call());
        request.PageToken = first.NextPageToken;
        var second = await service.Checkpoints.ListCheckpointsAsync(request, TestService.Call());

        Assert.Equal(["c", "a"], first.Checkpoints.Select(checkpoint => checkpoint.CheckpointId));
        Assert.Equal(["b"], second.Checkpoints.Select(checkpoint => checkpoint.CheckpointId));
        Assert.Empty(second.NextPageToken);
    }

    [Fact]
    public async Task Verify_OfADamagedCheckpoint_NamesThePlaceAndRestoreRefusesIt()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await SaveAsync(service, "a");
        var request = new VerifyCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "a" };
        Assert.True((await service.Checkpoints.VerifyCheckpointAsync(request, TestService.Call())).Intact);
        var path = Assert.Single(Directory.EnumerateFiles(_folder.Path, "a.safetensors", SearchOption.AllDirectories));
        var bytes = await File.ReadAllBytesAsync(path);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes);

        var verified = await service.Checkpoints.VerifyCheckpointAsync(request, TestService.Call());

        Assert.False(verified.Intact);
        Assert.Contains("'t0/v'", verified.Finding, StringComparison.Ordinal);
        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.CheckpointDamaged, async () => await service.Checkpoints.RestoreCheckpointAsync(
            new RestoreCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "a" }, TestService.Call()));
        Assert.Equal((1ul, 1ul), ((await service.GetAsync("s")).Version, (await service.GetAsync("s")).Generation));

        // The first snapshot of the session may still have its copy.
        await Eventually.EqualAsync((long)(await service.GetAsync("s")).StateBytes, () => service.Get<MemoryBudget>().ReservedBytes);
    }

    [Fact]
    public async Task Delete_OfACheckpoint_LeavesNothing()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await SaveAsync(service, "a");
        var request = new DeleteCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = "a" };

        await service.Checkpoints.DeleteCheckpointAsync(request, TestService.Call());

        await Refusal.OfAsync(
            StatusCode.NotFound, ErrorReason.CheckpointNotFound, async () => await service.Checkpoints.DeleteCheckpointAsync(request, TestService.Call()));
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "a.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Restore_OfOtherTensors_ListsTheDifferences()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await SaveAsync(service, "a");
        var other = Requests.Create("other", new AdamConfig { Amsgrad = true }, Initial[..40], Initial);
        await service.CreateAsync(other);

        var refusal = await Refusal.OfAsync(StatusCode.FailedPrecondition, ErrorReason.CheckpointMismatch, async () =>
            await service.Checkpoints.RestoreCheckpointAsync(
                new RestoreCheckpointRequest { Session = Requests.Ref("other"), CheckpointId = "a", Source = Requests.Ref("s") }, TestService.Call()));

        Assert.Equal(["tensors[0].shape", "tensors[1]"], refusal.Fields);
    }

    [Fact]
    public async Task Checkpoint_OfASessionInMemory_OutlivesItAndRestoresAnother()
    {
        await using (var service = await StartAsync())
        {
            var request = Create();
            request.Durability = new V1.Durability { Tier = DurabilityTier.Memory };
            await service.CreateAsync(request);
            await service.StepAsync(Step(1));
            await SaveAsync(service, "a");
        }

        await using var again = await StartAsync();
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => again.GetAsync("s"));
        await again.CreateAsync(Requests.Create("new", Initial));
        await again.Checkpoints.RestoreCheckpointAsync(
            new RestoreCheckpointRequest { Session = Requests.Ref("new"), CheckpointId = "a", Source = Requests.Ref("s") }, TestService.Call());

        var weights = await again.ReadWeightsAsync("new");
        Bits.AssertSame(new Replica(Initial).Apply(Gradient(1)).Weights(), weights, "weights");
        await again.DeleteAsync("s");
        Assert.Empty(Directory.EnumerateFiles(_folder.Path, "a.safetensors", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a")]
    public async Task Import_OfAnExport_GoesOnWithTheSameBits(string checkpoint)
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());
        await service.StepAsync(Step(1));
        await SaveAsync(service, "a");
        var file = await ExportAsync(service, checkpoint);

        var imported = await ImportAsync(service, file, 100, "copy");

        Assert.Equal((2ul, 1ul, DurabilityTier.Snapshot), (imported.Version, imported.Generation, imported.Durability.Tier));
        var step = Step(2);
        step.Session.SessionId = "copy";
        await service.StepAsync(step);
        var weights = await service.ReadWeightsAsync("copy");
        Bits.AssertSame(new Replica(Initial).Apply(Gradient(1)).Apply(Gradient(2)).Weights(), weights, "weights");
        await Refusal.OfAsync(StatusCode.AlreadyExists, ErrorReason.SessionExists, () => ImportAsync(service, file, 100, "copy"));
    }

    [Fact]
    public async Task Import_WithoutADirectory_IsInMemory()
    {
        byte[] file;
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Create());
            file = await ExportAsync(service, "");
        }

        await using var other = await TestService.StartAsync();

        Assert.Equal(DurabilityTier.Memory, (await ImportAsync(other, file, 1 << 20, "copy")).Durability.Tier);
    }

    [Fact]
    public async Task Import_OfASessionWithAnIdleTime_IsGoneAfterIt()
    {
        await using var service = await TestService.StartAsync();
        var request = Requests.Create("s", [1, 2]);
        request.Limits = new SessionLimits { IdleTimeout = new() { Nanos = 500_000_000 } };
        await service.CreateAsync(request);
        var file = await ExportAsync(service, "");
        await Eventually.EqualAsync(0L, () => service.Get<MemoryBudget>().ReservedBytes);

        await ImportAsync(service, file, 1000, "copy");

        await Eventually.EqualAsync(0L, () => service.Get<MemoryBudget>().ReservedBytes);
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => service.GetAsync("copy"));
    }

    // Cut or garbled anywhere, and nothing stays behind.
    [Fact]
    public async Task Import_OfADamagedFile_IsRefusedAndTakesNothing()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("s", [1, 2]));
        var file = await ExportAsync(service, "");
        var reserved = service.Get<MemoryBudget>().ReservedBytes;

        for (var place = 0; place < file.Length; place += 97)
        {
            await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.CheckpointDamaged, () => ImportAsync(service, file[..place], 1000, "copy"));
            var garbled = (byte[])file.Clone();
            garbled[place] ^= 0xff;
            await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.CheckpointDamaged, () => ImportAsync(service, garbled, 1000, "copy"));
        }

        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.CheckpointDamaged, () => ImportAsync(service, [.. file, 0], 1000, "copy"));
        await Eventually.EqualAsync(reserved, () => service.Get<MemoryBudget>().ReservedBytes);
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => service.GetAsync("copy"));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("a/b")]
    [InlineData(".a")]
    public async Task Save_UnderANameThatIsAPath_IsRefused(string id)
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Create());

        await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => SaveAsync(service, id));
    }

    [Fact]
    public async Task Save_WithoutADirectory_IsRefused()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));

        await Refusal.OfAsync(StatusCode.FailedPrecondition, ErrorReason.StorageOff, () => SaveAsync(service, "a"));
    }

    private static CreateSessionRequest Create()
    {
        var request = Requests.Create("s", Initial);
        request.Durability = new V1.Durability { Tier = DurabilityTier.Snapshot };
        return request;
    }

    private static float[] Gradient(int seed) => Floats.Random(Initial.Length, 100 + seed);

    private static StepRequest Step(ulong sequence, int? seed = null) =>
        Requests.Step("s", "w", Requests.Begin(sequence, ReplyKind.None), Gradient(seed ?? (int)sequence));

    private static async Task<Checkpoint> SaveAsync(TestService service, string id) => (await service.Checkpoints.SaveCheckpointAsync(
        new SaveCheckpointRequest { Session = Requests.Ref("s"), CheckpointId = id }, TestService.Call())).Checkpoint;

    private static async Task<byte[]> ExportAsync(TestService service, string checkpoint)
    {
        using var call = service.Checkpoints.ExportSession(
            new ExportSessionRequest { Session = Requests.Ref("s"), CheckpointId = checkpoint }, TestService.Call());
        Assert.True(await call.ResponseStream.MoveNext(default));
        var begin = call.ResponseStream.Current.Begin;
        var file = new List<byte>();
        while (await call.ResponseStream.MoveNext(default))
        {
            file.AddRange(call.ResponseStream.Current.Data);
        }

        Assert.Equal(begin.SizeBytes, (ulong)file.Count);
        return [.. file];
    }

    private static async Task<V1.Session> ImportAsync(TestService service, byte[] file, int piece, string id)
    {
        using var call = service.Checkpoints.ImportSession(TestService.Call());
        try
        {
            await call.RequestStream.WriteAsync(new ImportSessionRequest { Begin = new ImportBegin { SessionId = id } });
            foreach (var part in file.Chunk(piece))
            {
                await call.RequestStream.WriteAsync(new ImportSessionRequest { Data = ByteString.CopyFrom(part) });
            }

            await call.RequestStream.CompleteAsync();
        }
        catch (Exception ended) when (ended is RpcException or InvalidOperationException)
        {
            // The service has refused it already; why, the answer says.
        }

        return (await call.ResponseAsync).Session;
    }

    private Task<TestService> StartAsync() => TestService.StartAsync(("Durability:Directory", _folder["data"]));
}
