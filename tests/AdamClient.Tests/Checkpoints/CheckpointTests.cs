using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Checkpoints;

public sealed class CheckpointTests(DurableServiceFixture service) : IClassFixture<DurableServiceFixture>
{
    private AdamClient Client => service.Client;

    [Fact]
    public async Task Restore_OfAnEarlierState_GoesOnFromThere()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 2);
        var expected = await TrainedSession.WeightsAsync(Client, session.Id);
        var saved = await Client.SaveCheckpointAsync(session.Reference, "two-steps");
        await TrainedSession.TrainAsync(Client, session.Id, 3, 2);

        var restored = await Client.RestoreCheckpointAsync(session.Id, "two-steps");

        Assert.Equal(("two-steps", session.Version, 2L), (saved.Id, saved.Version, saved.Iterations));
        Assert.True(saved.SizeBytes > 100);
        Assert.NotNull(saved.CreateTime);
        Assert.Equal((2L, session.Generation + 1), (restored.Iterations, restored.Generation));
        Assert.Equal(expected, await TrainedSession.WeightsAsync(Client, session.Id));
        await Assert.ThrowsAsync<GenerationChangedException>(() => Client.OpenSessionAsync(session.Reference));
    }

    [Fact]
    public async Task Restore_FromAnotherSession_HasItsWeights()
    {
        var source = await TrainedSession.MakeAsync(Client, steps: 3);
        await Client.SaveCheckpointAsync(source.Id, "of-the-source");
        var session = await TrainedSession.MakeAsync(Client, steps: 0);

        var restored = await Client.RestoreCheckpointAsync(session.Id, "of-the-source", source.Reference);

        Assert.Equal((session.Id, 3L), (restored.Id, restored.Iterations));
        Assert.Equal(await TrainedSession.WeightsAsync(Client, source.Id), await TrainedSession.WeightsAsync(Client, session.Id));
    }

    [Fact]
    public async Task List_AfterADeletion_HasTheOthersNewestFirst()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);
        foreach (var id in (string[])["a", "b", "c"])
        {
            await Client.SaveCheckpointAsync(session.Id, id);
        }

        await Client.DeleteCheckpointAsync(session.Id, "b");

        Assert.Equal(["c", "a"], await IdsAsync(session.Id));
        Assert.Equal("b", (await Assert.ThrowsAsync<CheckpointNotFoundException>(() => Client.DeleteCheckpointAsync(session.Id, "b"))).CheckpointId);
    }

    [Fact]
    public async Task Save_WithoutAnId_GetsOne()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);

        var first = await Client.SaveCheckpointAsync(session.Id);
        var again = await Client.SaveCheckpointAsync(session.Id);

        Assert.Equal(first, again);
        Assert.Equal([first.Id], await IdsAsync(session.Id));
    }

    [Fact]
    public async Task Save_UnderAnIdOfAnotherVersion_LeavesThatOne()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);
        await Client.SaveCheckpointAsync(session.Id, "first");
        await TrainedSession.TrainAsync(Client, session.Id, 2, 1);

        var refused = await Assert.ThrowsAsync<CheckpointExistsException>(() => Client.SaveCheckpointAsync(session.Id, "first"));

        Assert.Equal("first", refused.CheckpointId);
    }

    [Fact]
    public async Task Verify_IntactAndDamaged_SaysWhich()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 1);
        await Client.SaveCheckpointAsync(session.Id, "will-be-damaged");
        var before = await Client.VerifyCheckpointAsync(session.Id, "will-be-damaged");
        service.Damage("will-be-damaged");

        var after = await Client.VerifyCheckpointAsync(session.Id, "will-be-damaged");
        var refused = await Assert.ThrowsAsync<CheckpointDamagedException>(() => Client.RestoreCheckpointAsync(session.Id, "will-be-damaged"));

        Assert.Equal((true, null), (before.IsIntact, before.Finding));
        Assert.False(after.IsIntact);
        Assert.NotEmpty(after.Finding!);
        Assert.Equal("will-be-damaged", refused.CheckpointId);
        Assert.Equal(session.Version, (await Client.GetSessionAsync(session.Id)).Version);
    }

    [Fact]
    public async Task Restore_OfOtherTensors_SaysWhatDiffers()
    {
        var session = await TrainedSession.MakeAsync(Client, steps: 0);
        var other = await Client.CreateSessionAsync(new SessionSpec { Tensors = [new TensorSpec("w", [2])], InitialWeights = [new float[2]] });
        await Client.SaveCheckpointAsync(other.Id, "other");

        var refused = await Assert.ThrowsAsync<CheckpointMismatchException>(
            () => Client.RestoreCheckpointAsync(session.Id, "other", other.Id));

        Assert.NotEmpty(refused.Fields);
        Assert.Equal(session.Generation, (await Client.GetSessionAsync(session.Id)).Generation);
    }

    private async Task<List<string>> IdsAsync(string session)
    {
        List<string> ids = [];
        await foreach (var checkpoint in Client.ListCheckpointsAsync(session))
        {
            ids.Add(checkpoint.Id);
        }

        return ids;
    }
}
