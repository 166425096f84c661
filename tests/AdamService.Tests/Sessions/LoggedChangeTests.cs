using Adam.Service.ControlPlane;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.Storage.V1;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.Sessions;

/// <summary>Changes of tier LOG that the log has and memory has not, or the other way round.</summary>
public sealed class LoggedChangeTests : IDisposable
{
    private static readonly float[] Initial = Floats.Random(50, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Change_ThatIsLoggedAndCannotBeMade_StopsItsSessionAloneUntilTheNextStart()
    {
        await using (var service = await StartAsync())
        {
            await service.CreateAsync(Requests.Create("s", Initial));
            await service.CreateAsync(Requests.Create("other", Initial));
            await Eventually.EqualAsync(2, () => Directory.GetFiles(_folder["data/sessions"], "snapshot-1.*", SearchOption.AllDirectories).Length);
            var session = service.Get<SessionRegistry>().Find("s")!;

            await Assert.ThrowsAsync<InvalidOperationException>(
                () => session.ChangeAsync(new Relabeling("made later", () => throw new InvalidOperationException("by the test")), CancellationToken.None));

            var refusal = await Refusal.OfAsync(() => service.StepAsync(Step("s")));
            Assert.Equal("STORAGE_FAILED", refusal.Reason);
            Assert.Contains("could not be made", refusal.Message, StringComparison.Ordinal);
            Assert.Equal(ErrorReason.StorageFailed, (await Assert.ThrowsAsync<ServiceException>(() => StateCopy.BorrowAsync(session))).Reason);
            var copying = StateCopy.TakeAsync(session, service.Get<MemoryBudget>(), service.Get<Adam.Engine.StepThreads>(), CancellationToken.None);
            Assert.Equal(ErrorReason.StorageFailed, (await Assert.ThrowsAsync<ServiceException>(() => copying)).Reason);
            Assert.Equal(BatchOutcome.Applied, (await service.StepAsync(Step("other"))).Result.Outcome);
            await service.StopAsync();
            _ = service.TakeErrors();
        }

        await using var again = await StartAsync();

        var remade = await again.GetAsync("s");
        Assert.Equal((2ul, 1ul, "made later"), (remade.Version, remade.Generation, remade.Labels["label"]));
        Assert.Equal(BatchOutcome.Applied, (await again.StepAsync(Step("s"))).Result.Outcome);
    }

    [Fact]
    public async Task Change_WhoseDescriptionIsTooLong_IsRefusedAndTheSessionGoesOn()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));
        var session = service.Get<SessionRegistry>().Find("s")!;
        var isMade = false;

        var refusal = await Assert.ThrowsAsync<ServiceException>(
            () => session.ChangeAsync(new Relabeling(new string('x', LogFormat.HeadBytesMax), () => isMade = true), CancellationToken.None));

        Assert.Equal((ErrorReason.LimitExceeded, false), (refusal.Reason, isMade));
        Assert.Contains("nothing was changed", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(BatchOutcome.Applied, (await service.StepAsync(Step("s"))).Result.Outcome);
        Assert.Equal(2ul, (await service.GetAsync("s")).Version);
    }

    [Fact]
    public async Task Creation_ThatTheLogRefuses_EndsTheSessionBeforeAnybodyBehindIt()
    {
        await using var service = await StartAsync();
        var (factory, logs) = (service.Get<SessionFactory>(), service.Get<SessionLogs>());
        var request = Requests.Create("s", Initial);
        request.Durability = new V1.Durability { Tier = DurabilityTier.Log };
        var session = factory.Create(factory.Define(request), request);
        session.Log = logs.Of(DurabilityTier.Log, session.Uid);
        logs.Log!.Dispose();

        var creation = session.EnqueueChangeAsync(new CreateChange(session, hasPast: false), CancellationToken.None);
        var behind = session.RunAsync(static core => core.Version, CancellationToken.None);

        Assert.Equal(ErrorReason.ShuttingDown, (await Assert.ThrowsAsync<ServiceException>(async () => await await creation)).Reason);
        Assert.Equal(ErrorReason.SessionDeleted, (await Assert.ThrowsAsync<ServiceException>(() => behind)).Reason);
        Assert.Equal(0, service.Memory.ReservedBytes);
    }

    [Fact]
    public void Update_InTheLog_HasNothingThatItsMaskLeavesOut()
    {
        var request = new UpdateSessionRequest
        {
            Session = Requests.Ref("s"),
            Update = new SessionUpdate { Labels = { ["k"] = "v" }, LearningRate = new LearningRate { Value = 0.5 }, ReplaceSchedule = true, Group = 1 },
            UpdateMask = new FieldMask { Paths = { "labels", "labels" } },
        };

        var labels = SessionUpdater.Canonical(request);
        request.UpdateMask = new FieldMask { Paths = { "learning_rate" } };
        var rate = SessionUpdater.Canonical(request);

        Assert.Equal(
            new UpdateSessionRequest { Update = new SessionUpdate { Labels = { ["k"] = "v" } }, UpdateMask = new FieldMask { Paths = { "labels" } } }, labels);
        Assert.Equal(
            new UpdateSessionRequest
            {
                Update = new SessionUpdate { LearningRate = new LearningRate { Value = 0.5 }, ReplaceSchedule = true, Group = 1 },
                UpdateMask = new FieldMask { Paths = { "learning_rate" } },
            },
            rate);
    }

    private static StepRequest Step(string id) => Requests.Step(id, "w", Requests.Begin(1, ReplyKind.None), Initial);

    private Task<TestService> StartAsync() => TestService.StartAsync(("Durability:Directory", _folder["data"]));

    // An update of labels that does what the test says when it is made.
    private sealed class Relabeling(string label, Action make) : SessionChange<bool>
    {
        public override LoggedChange? ToLog(SessionCore core) => new(
            new LogHead
            {
                Updated = new UpdateSessionRequest { Update = new SessionUpdate { Labels = { ["label"] = label } }, UpdateMask = new FieldMask { Paths = { "labels" } } },
            },
            []);

        public override bool Make(SessionCore core)
        {
            make();
            return true;
        }
    }
}
