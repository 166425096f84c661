using Adam.Client.Internal;
using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Sessions;

/// <summary>What survives, as it is asked for and as it is reported.</summary>
public sealed class DurabilityTests(DurableServiceFixture service) : IClassFixture<DurableServiceFixture>
{
    private AdamClient Client => service.Client;

    [Fact]
    public async Task Snapshot_AfterEveryVersion_MakesStepsDurable()
    {
        var durability = new SessionDurability { Tier = DurabilityTier.Snapshot, SnapshotEverySteps = 1, SnapshotEvery = TimeSpan.FromMinutes(7) };
        var created = await Client.CreateSessionAsync(SmallModel.Spec() with { Durability = durability });
        await using var session = await Client.OpenSessionAsync(created.Reference);
        var first = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)));

        await WaitForDurableAsync(created.Id, first.Version);
        var second = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(2)));

        Assert.Equal(durability, created.Durability);
        Assert.InRange(second.DurableVersion, first.Version, second.Version);
    }

    [Fact]
    public async Task Memory_IsNeverDurable()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1, SmallModel.Spec() with { Durability = DurabilityTier.Memory });

        Assert.Equal((DurabilityTier.Memory, 0ul), (session.Durability.Tier, session.DurableVersion));
    }

    [Theory]
    [InlineData(DurabilityTier.Memory, V1.DurabilityTier.Memory)]
    [InlineData(DurabilityTier.Snapshot, V1.DurabilityTier.Snapshot)]
    [InlineData(DurabilityTier.Log, V1.DurabilityTier.Log)]
    public void ToWire_EveryTier_ComesBack(DurabilityTier tier, V1.DurabilityTier expected)
    {
        var wire = DurabilityMapping.ToWire(tier)!;

        Assert.Equal(expected, wire.Tier);
        Assert.False(wire.HasSnapshotEverySteps);
        Assert.Null(wire.SnapshotEvery);
        Assert.Equal<SessionDurability>(tier, DurabilityMapping.FromWire(wire));
    }

    [Fact]
    public void ToWire_TierThatIsUnknown_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => DurabilityMapping.ToWire(DurabilityTier.Unknown));

    private async Task WaitForDurableAsync(string session, ulong version)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while ((await Client.GetSessionAsync(session, giveUp.Token)).DurableVersion < version)
        {
            await timer.WaitForNextTickAsync(giveUp.Token);
        }
    }
}
