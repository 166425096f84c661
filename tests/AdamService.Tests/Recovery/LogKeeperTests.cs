using Adam.Service.Sessions;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Storage.Log;
using Adam.Service.Tests.Support;

namespace Adam.Service.Tests.Recovery;

/// <summary>What lets the log go where no snapshot and no deletion does.</summary>
public sealed class LogKeeperTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SteppedClock _time = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Log_ThatNobodyNeedsAnyMore_GoesAfterAWhile()
    {
        using var bed = new RecoveryBed(_folder["data"], time: _time);
        await bed.RecoverAsync();
        await bed.Keeper.StartAsync(CancellationToken.None);
        var log = bed.Logs.Log!;
        bed.Logs.Pins.Hold(7, LogFormat.FirstLsn);
        for (var id = 1; id <= 3; id++)
        {
            await log.AppendAsync(new TestRecord(id, payloadBytes: 700_000).Entry);
        }

        bed.Logs.Pins.Forget(7);
        Assert.Equal(3, log.Segments().Length);
        await Eventually.EqualAsync(true, () => _time.WaitingCount > 0);
        _time.Advance(Adam.Service.Durability.LogKeeper.Every);

        await Eventually.EqualAsync(1, () => log.Segments().Length);
        await Eventually.EqualAsync(log.OldestLsn, () => bed.Directory.NewestSegment);
        await Eventually.EqualAsync(true, () => _time.WaitingCount > 0);
        await bed.Keeper.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task Reserve_ThatWasGivenUp_IsKeptAgainAfterAWhile()
    {
        using var bed = new RecoveryBed(_folder["data"], time: _time);
        await bed.RecoverAsync();
        await bed.Keeper.StartAsync(CancellationToken.None);
        Assert.True(bed.Logs.Reserve!.TryGiveUp());
        Assert.False(File.Exists(_folder["data/reserve"]));

        await Eventually.EqualAsync(true, () => _time.WaitingCount > 0);
        _time.Advance(Adam.Service.Durability.LogKeeper.Every);

        await Eventually.EqualAsync(true, () => File.Exists(_folder["data/reserve"]));
        await bed.Keeper.StopAsync(CancellationToken.None);
    }
}
