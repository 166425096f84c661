using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Recovery;

/// <summary>A service that is stopped while it reads its sessions, and what is known before the first of them is found.</summary>
public sealed class RecoveryStopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Stop_WhileSessionsAreRead_LeavesThemOfTheirGeneration()
    {
        await MakeAsync(DurabilityTier.Snapshot, "a", "b");
        RecoveryBed? bed = null;
        using (bed = new RecoveryBed(_folder["data"], maker => new WatchedMaker(maker, () => bed!.Recovery.StoppingAsync(CancellationToken.None).Wait())))
        {
            await Assert.ThrowsAnyAsync<OperationCanceledException>(bed.RecoverAsync);
            await bed.Recovery.StopAsync(CancellationToken.None);
            await bed.Scheduler.StoppedAsync(CancellationToken.None);
        }

        await using var service = await StartAsync();
        Assert.Equal((1ul, 1ul), ((await service.GetAsync("a")).Generation, (await service.GetAsync("b")).Generation));
    }

    [Fact]
    public async Task Stop_WhileASessionIsRead_WaitsForIt()
    {
        await MakeAsync(DurabilityTier.Snapshot, "a");
        using var isReading = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var bed = new RecoveryBed(_folder["data"], maker => new WatchedMaker(maker, () =>
        {
            isReading.Set();
            go.Wait();
        }));
        await bed.Recovery.StartingAsync(CancellationToken.None);
        isReading.Wait();

        await bed.Recovery.StoppingAsync(CancellationToken.None);
        var stop = bed.Recovery.StopAsync(CancellationToken.None);

        Assert.False(stop.IsCompleted);
        go.Set();
        await stop;
        Assert.True(bed.Recovery.Completion.IsCanceled);
    }

    [Fact]
    public async Task Log_BeforeTheFirstSessionIsFound_IsHeldForAll()
    {
        await MakeAsync(DurabilityTier.Log, "a", "b", "c");
        using var bed = new RecoveryBed(_folder["data"]);
        var held = new List<int>();
        bed.Sessions.Added += _ =>
        {
            lock (held)
            {
                held.Add(bed.Logs.Pins.NeedingBelow(ulong.MaxValue).Count);
            }
        };

        await bed.RecoverAsync();

        Assert.Equal([3, 3, 3], held);
    }

    private async Task MakeAsync(DurabilityTier tier, params string[] ids)
    {
        await using var service = await StartAsync();
        foreach (var id in ids)
        {
            var request = Requests.Create(id, Floats.Random(20, 1));
            request.Durability = new V1.Durability { Tier = tier };
            await service.CreateAsync(request);
        }
    }

    private Task<TestService> StartAsync() => TestService.StartAsync(("Durability:Directory", _folder["data"]));
}
