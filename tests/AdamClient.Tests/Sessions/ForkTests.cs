using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Sessions;

public sealed class ForkTests(DurableServiceFixture service) : IClassFixture<DurableServiceFixture>
{
    private AdamClient Client => service.Client;

    [Fact]
    public async Task Fork_OfThePresent_GoesOnWithTheSameBits()
    {
        var parent = await TrainedSession.MakeAsync(Client, steps: 2);

        var child = await Client.ForkSessionAsync(
            parent.Reference, "child", new ForkOptions { Labels = new Dictionary<string, string> { ["of"] = "parent" }, Durability = DurabilityTier.Memory });
        await TrainedSession.TrainAsync(Client, parent.Id, 3, 2);
        await TrainedSession.TrainAsync(Client, child.Id, 3, 2);

        Assert.Equal(new SessionLineage(parent.Uid, parent.Version), child.Lineage);
        Assert.Equal(("child", 2L, "parent", DurabilityTier.Memory), (child.Id, child.Iterations, child.Labels["of"], child.Durability.Tier));
        Assert.Empty(child.Workers);
        Assert.Null(parent.Lineage);
        Assert.Equal(await TrainedSession.WeightsAsync(Client, parent.Id), await TrainedSession.WeightsAsync(Client, child.Id));
    }

    [Fact]
    public async Task Fork_OfEarlierIterations_GoesOnWithTheSameBits()
    {
        var parent = await TrainedSession.MakeAsync(Client, steps: 3, SmallModel.Spec() with { Durability = DurabilityTier.Log });

        var child = await Client.ForkSessionAsync(parent.Id, options: new ForkOptions { AtIterations = 1 });
        await TrainedSession.TrainAsync(Client, child.Id, 2, 2);

        Assert.Equal((parent.Version, DurabilityTier.Log), (parent.DurableVersion, parent.Durability.Tier));
        Assert.Equal(1, child.Iterations);
        Assert.Equal(parent.Version - 2, child.Lineage!.ParentVersion);
        Assert.Equal(await TrainedSession.WeightsAsync(Client, parent.Id), await TrainedSession.WeightsAsync(Client, child.Id));
    }

    [Fact]
    public async Task Fork_OfIterationsThatWereNotReached_SaysSo()
    {
        var parent = await TrainedSession.MakeAsync(Client, steps: 1);

        var refused = await Assert.ThrowsAsync<AdamException>(
            () => Client.ForkSessionAsync(parent.Id, options: new ForkOptions { AtIterations = 9 }));

        Assert.Equal(AdamErrorReason.IterationNotRetained, refused.Reason);
    }

    [Fact]
    public async Task Fork_UnderAnIdThatIsTaken_IsRefused()
    {
        var parent = await TrainedSession.MakeAsync(Client, steps: 0);

        await Assert.ThrowsAsync<SessionExistsException>(() => Client.ForkSessionAsync(parent.Id, parent.Id));
    }
}
