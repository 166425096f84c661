using System.Text;
using Adam.Service.Sessions;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.Recovery;

/// <summary>What is left on disk of sessions that are not served: sessions that were set aside, and checkpoints of an earlier start.</summary>
public sealed class SetAsideTests : IDisposable
{
    private const string Mark = "the label that is damaged";

    private static readonly (string, string) ErrorsExpected = ("Serilog:MinimumLevel:Override:Adam.Service.Recovery", "Fatal");
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    // It has no snapshot, whose manifest would say its id, since it has no values.
    [Fact]
    public async Task Session_OfTheLogAlone_IsKnownByTheRecordThatCreatedIt()
    {
        var uid = await DamageAsync();

        await using var again = await StartAsync(ErrorsExpected);

        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.GetAsync("s"));
        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.CreateAsync(Requests.Create("s", Initial)));
        Assert.Equal(uid, again.Get<SessionRegistry>().FindSetAside("s")!.Uid);
        Assert.Equal(1ul, (await again.GetAsync("other")).Version);
    }

    [Fact]
    public async Task Delete_WithAnotherUid_LeavesWhatWasSetAside()
    {
        var uid = await DamageAsync();
        await using (var again = await StartAsync(ErrorsExpected))
        {
            await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionReplaced, () => DeleteAsync(again, "s", OtherThan(uid)));
            await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.GetAsync("s"));

            await DeleteAsync(again, "s", uid);

            await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => again.GetAsync("s"));
        }

        // Its records are still in the log, and the last one says that it is deleted.
        await using var later = await StartAsync();
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => later.GetAsync("s"));
        Assert.Equal(1ul, (await later.CreateAsync(Requests.Create("s", Initial))).Version);
    }

    [Fact]
    public async Task Delete_WithAnotherUid_LeavesCheckpointsOfAnEarlierStart()
    {
        ByteString uid;
        await using (var service = await StartAsync())
        {
            var request = Requests.Create("m", Initial);
            request.Durability = new V1.Durability { Tier = DurabilityTier.Memory };
            uid = (await service.CreateAsync(request)).SessionUid;
            await service.Checkpoints.SaveCheckpointAsync(new SaveCheckpointRequest { Session = Requests.Ref("m"), CheckpointId = "c" }, TestService.Call());
        }

        await using var again = await StartAsync();

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionReplaced, () => DeleteAsync(again, "m", OtherThan(uid)));
        Assert.Single(Directory.GetFiles(_folder["data/sessions"], "c.safetensors", SearchOption.AllDirectories));
        await DeleteAsync(again, "m", uid);
        Assert.Empty(Directory.GetFiles(_folder["data/sessions"], "c.safetensors", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Session_WhoseLogDoesNotReachBackToTheSnapshotBefore_IsSetAside()
    {
        // So little log that only what follows the newest snapshot is kept.
        (string, string)[] settings = [("Durability:LogSegmentBytes", "1048576"), ("Durability:LogBytesMax", "16777216")];
        var initial = Floats.Random(1_000_000, 1);
        await using (var service = await StartAsync(settings))
        {
            var request = Requests.Create("s", initial);
            request.Durability = new V1.Durability { Tier = DurabilityTier.Log, SnapshotEverySteps = 6 };
            await service.CreateAsync(request);

            // The first comes by itself, and versions are counted from it.
            await Eventually.EqualAsync(1ul, () => service.Get<SessionRegistry>().Find("s")!.SnapshotVersion);
            for (var sequence = 1ul; sequence <= 18; sequence++)
            {
                await service.StepAsync(Requests.Step("s", "w", Requests.Begin(sequence, ReplyKind.None), initial));
                if (sequence % 6 == 0)
                {
                    await Eventually.EqualAsync(sequence + 1, () => service.Get<SessionRegistry>().Find("s")!.SnapshotVersion);
                }
            }
        }

        Assert.Equal(2, Directory.GetFiles(_folder["data/sessions"], "snapshot-*", SearchOption.AllDirectories).Length);
        var newest = Directory.GetFiles(_folder["data/sessions"], "snapshot-19.safetensors", SearchOption.AllDirectories).Single();
        var bytes = await File.ReadAllBytesAsync(newest);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(newest, bytes);

        await using var again = await StartAsync([.. settings, ErrorsExpected, ("Serilog:MinimumLevel:Override:Adam.Service.Durability", "Fatal")]);

        await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => again.GetAsync("s"));
        Assert.Contains(
            "does not reach back to the snapshot before, of version 13", again.Get<SessionRegistry>().FindSetAside("s")!.Finding, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfTheOnlySessionThatNeedsThem_LetsSegmentsOfTheLogGo()
    {
        await using var service = await StartAsync(("Durability:LogSegmentBytes", "1048576"), ("Durability:SnapshotAfterLogOfStates", "1000"));
        var initial = Floats.Random(100_000, 1);
        await service.CreateAsync(Requests.Create("s", initial));
        for (var sequence = 1ul; sequence <= 8; sequence++)
        {
            await service.StepAsync(Requests.Step("s", "w", Requests.Begin(sequence, ReplyKind.None), initial));
        }

        Assert.True(Directory.GetFiles(_folder["data/log"], "*.log").Length > 2);

        await service.DeleteAsync("s");

        await Eventually.EqualAsync(1, () => Directory.GetFiles(_folder["data/log"], "*.log").Length);
    }

    private static async Task DeleteAsync(TestService service, string id, ByteString uid) =>
        await service.Sessions.DeleteSessionAsync(
            new DeleteSessionRequest { Session = new SessionRef { SessionId = id, SessionUid = uid } }, TestService.Call());

    private static ByteString OtherThan(ByteString uid) => ByteString.CopyFrom([.. uid.Span[..^1], (byte)(uid[^1] ^ 1)]);

    // A session without values whose second record is damaged, beside an intact one.
    private async Task<ByteString> DamageAsync()
    {
        ByteString uid;
        await using (var service = await StartAsync())
        {
            var request = Requests.Create("s", Initial);
            request.InitialValues.Clear();
            uid = (await service.CreateAsync(request)).SessionUid;
            await service.Sessions.UpdateSessionAsync(
                new UpdateSessionRequest
                {
                    Session = Requests.Ref("s"),
                    Update = new SessionUpdate { Labels = { ["label"] = Mark } },
                    UpdateMask = new FieldMask { Paths = { "labels" } },
                },
                TestService.Call());
            await service.CreateAsync(Requests.Create("other", Initial));
            await CrashCopy.TakeAsync(_folder["data"], _folder["crashed"]);
        }

        Directory.Delete(_folder["data"], recursive: true);
        Directory.Move(_folder["crashed"], _folder["data"]);
        var segment = Directory.GetFiles(_folder["data/log"]).Single();
        var bytes = await File.ReadAllBytesAsync(segment);
        bytes[bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Mark))] ^= 1;
        await File.WriteAllBytesAsync(segment, bytes);
        return uid;
    }

    private Task<TestService> StartAsync(params (string, string)[] settings) => TestService.StartAsync([("Durability:Directory", _folder["data"]), .. settings]);
}
