using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Recovery;
using Adam.Service.Sessions;
using Adam.Service.Tests.Durability;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;
using Microsoft.Extensions.Logging.Abstractions;

namespace Adam.Service.Tests.Recovery;

/// <summary>Forks of earlier iterations: what is retained, one at a time, and counted.</summary>
public sealed class PastStatesTests : IDisposable
{
    // Four batches fill a segment of the log.
    private static readonly float[] Initial = Floats.Random(64 << 10, 1);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Fork_OfWhatTheLogHasLetGo_IsRefusedWithWhatIsRetained()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));
        await SnapshotAsync(service, 1);
        await TrainAsync(service, 1, 2);
        await SnapshotAsync(service, 3);
        await TrainAsync(service, 3, 10);
        await SnapshotAsync(service, 11);
        await Eventually.EqualAsync(true, () => service.Get<SessionLogs>().Log!.OldestLsn > 5);
        await TrainAsync(service, 11, 12);

        var refusal = await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.IterationNotRetained, () => ForkAsync(service, 3));

        Assert.Equal(("2,10-12", "2"), (refusal.Metadata["retained"], refusal.Metadata["first"]));
        Assert.Contains("Retained are 2, 10-12", refusal.Message, StringComparison.Ordinal);
        foreach (var iterations in new long[] { 2, 10, 11 })
        {
            var child = (await ForkAsync(service, iterations)).Session;
            var weights = await service.ReadWeightsAsync(child.SessionId);
            Bits.AssertSame(Replica((int)iterations).Weights(), weights, $"weights after {iterations}");
        }
    }

    [Fact]
    public async Task Fork_OfASnapshotThatIsLost_SaysSoWithoutItsPath()
    {
        await using var service = await StartAsync();
        await service.CreateAsync(Requests.Create("s", Initial));
        await SnapshotAsync(service, 1);
        await TrainAsync(service, 1, 1);
        File.Delete(Directory.GetFiles(_folder["data/sessions"], "snapshot-1.safetensors", SearchOption.AllDirectories).Single());

        var refusal = await Refusal.OfAsync(StatusCode.DataLoss, ErrorReason.SessionDamaged, () => ForkAsync(service, 0));

        Assert.DoesNotContain(_folder["data"], refusal.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["data"], Assert.Single(service.TakeErrors()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Make_WhileAnotherIsMade_WaitsAndCanBeCancelled()
    {
        using var isMaking = new SemaphoreSlim(0);
        using var go = new SemaphoreSlim(0);
        var made = 0;
        using var bed = new RecoveryBed(_folder["data"], maker => new WatchedMaker(maker, () =>
        {
            if (Interlocked.Increment(ref made) == 1)
            {
                isMaking.Release();
                go.Wait();
            }
        }));
        bed.Directory.Open();
        var request = Requests.Create("s", [1, 2]);
        request.Durability = new V1.Durability { Tier = DurabilityTier.Snapshot };
        var session = bed.Lab.Create(request);
        using (var copy = await bed.Lab.CopyAsync(session))
        {
            await bed.Snapshots.SaveAsync(session, copy);
        }

        await SessionLab.TrainAsync(session, 1, 1);
        using var past = new PastStates(bed.Directory, bed.Snapshots, bed.Logs, bed.Maker, bed.Lab.Budget, NullLogger<PastStates>.Instance);
        Task<SessionActor> MakeAsync(CancellationToken cancellationToken) => past.MakeAsync(session, 0, Adopt, cancellationToken);
        var first = MakeAsync(CancellationToken.None);
        await isMaking.WaitAsync();
        using var impatient = new CancellationTokenSource();
        var (second, third) = (MakeAsync(impatient.Token), MakeAsync(CancellationToken.None));

        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        Assert.Equal((1, false), (made, third.IsCompleted));
        go.Release();
        Assert.Equal((0L, 0L), (await IterationsAsync(await first), await IterationsAsync(await third)));
        Assert.Equal(2, made);
    }

    [Fact]
    public void Buffer_OfARecord_IsCountedAsLongAsItIsThere()
    {
        using var lab = new SessionLab(memoryBytes: 1000);
        using (var buffer = new RecordBuffer(lab.Budget, "A record"))
        {
            buffer.Room(200);
            buffer.Room(600);
            Assert.Equal(600, lab.Budget.ReservedBytes);

            var refusal = Assert.Throws<ServiceException>(() => buffer.Room(2000));

            Assert.Equal(ErrorReason.LimitExceeded, refusal.Reason);
            Assert.Equal(0, lab.Budget.ReservedBytes);
            buffer.Room(1000);
        }

        Assert.Equal(0, lab.Budget.ReservedBytes);
    }

    private static void Adopt(Adam.Storage.V1.SessionState state) => state.Lineage = new Lineage();

    private static Task<long> IterationsAsync(SessionActor session) =>
        session.RunAsync(static core => core.Optimizer.Groups[0].Iterations, CancellationToken.None);

    private static float[] Gradient(int step) => Floats.Random(Initial.Length, 100 + step);

    private static Replica Replica(int steps)
    {
        var replica = new Replica(Initial);
        for (var step = 1; step <= steps; step++)
        {
            replica.Apply(Gradient(step));
        }

        return replica;
    }

    private static async Task TrainAsync(TestService service, int first, int last)
    {
        for (var step = first; step <= last; step++)
        {
            await service.StepAsync(Requests.Step("s", "w", Requests.Begin((ulong)step, ReplyKind.None), Gradient(step)));
        }
    }

    private static async Task<ForkSessionResponse> ForkAsync(TestService service, long iterations) => await service.Sessions.ForkSessionAsync(
        new ForkSessionRequest { Session = Requests.Ref("s"), AtIterations = iterations }, TestService.Call());

    private static async Task SnapshotAsync(TestService service, ulong version)
    {
        var session = service.Get<SessionRegistry>().Find("s")!;
        if (version > 1)
        {
            service.Get<SnapshotScheduler>().Request(session);
        }

        await Eventually.EqualAsync(version, () => session.SnapshotVersion);
    }

    private Task<TestService> StartAsync() => TestService.StartAsync(
        ("Durability:Directory", _folder["data"]),
        ("Durability:LogSegmentBytes", "1048576"),
        ("Durability:SnapshotAfterLogOfStates", "1000"),
        ("Durability:SnapshotsKept", "1"),
        ("Durability:SnapshotsKeptEvery", "2"));
}
