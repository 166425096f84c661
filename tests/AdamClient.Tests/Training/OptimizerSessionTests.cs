using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Training;

[Collection(ServiceGroup.Name)]
public sealed class OptimizerSessionTests(ServiceFixture service)
{
    private static readonly IReadOnlyList<ReadOnlyTensorMemory> Gradients = SmallModel.ReadOnly(SmallModel.Gradients(1));

    [Fact]
    public async Task StepAsync_AfterARejectedBatch_GoesOn()
    {
        await using var session = await OpenAsync();

        var exception = await Assert.ThrowsAsync<AdamException>(
            () => session.StepAsync(Gradients, options: new StepOptions { BaseVersion = session.Version + 10 }));
        var result = await session.StepAsync(Gradients, options: new StepOptions { BaseVersion = session.Version });

        Assert.Equal(AdamErrorReason.BaseVersionAhead, exception.Reason);
        Assert.True(session.IsOpen);
        Assert.Equal(1UL, result.Sequence);
        Assert.Equal(1, result.Iterations);
        Assert.Equal(0UL, result.Staleness);
    }

    [Fact]
    public async Task StepAsync_TensorsWithoutValues_IsRejectedUntilTheyAreWritten()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec() with { InitialWeights = null });
        await using var session = await service.Client.OpenSessionAsync(created.Reference);

        var exception = await Assert.ThrowsAsync<SessionNotInitializedException>(() => session.StepAsync(Gradients));
        await service.Client.WriteTensorsAsync(
            created.Reference,
            [.. SmallModel.Weights().Select((values, index) => new TensorWrite(index, values)).Where(write => write.Values.Length > 0)]);
        var result = await session.StepAsync(Gradients);

        Assert.Contains("dense/kernel", exception.Tensors);
        Assert.Equal(StepOutcome.Applied, result.Outcome);
    }

    [Fact]
    public async Task StepAsync_ArgumentsThatDoNotFit_SendNothing()
    {
        await using var session = await OpenAsync();

        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(SmallModel.ReadOnly([new float[15]])));
        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(SmallModel.ReadOnly([new float[14], new float[1], []])));
        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync([new TensorGradient(3, new float[1])]));
        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(new List<TensorGradient>()));
        await Assert.ThrowsAsync<ArgumentException>(
            () => session.StepAsync([new TensorGradient(1, new float[1]), new TensorGradient(1, new float[1])]));
        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(Gradients, SmallModel.Writable([new float[15]])));
        await Assert.ThrowsAsync<ArgumentException>(() => session.StepAsync(
            Gradients, SmallModel.Writable(SmallModel.Buffers()), new StepOptions { Reply = ReplyKind.None }));
        var result = await session.StepAsync(Gradients);

        Assert.Equal(1UL, result.Sequence);
    }

    [Fact]
    public async Task StepAsync_AlreadyCancelled_CostsNothing()
    {
        await using var session = await OpenAsync();
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.StepAsync(Gradients, cancellationToken: source.Token));
        var result = await session.StepAsync(Gradients);

        Assert.Equal(1UL, result.Sequence);
    }

    [Fact]
    public async Task StepAsync_CancelledOnItsWay_ClosesTheSessionAndTellsTheCaller()
    {
        using var source = new CancellationTokenSource();
        await using var session = await OpenAsync();
        var gradients = new CancellingList(SmallModel.Gradients(1), source);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => session.StepAsync(gradients, cancellationToken: source.Token));

        Assert.False(session.IsOpen);
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.StepAsync(Gradients));
        await using var again = await service.Client.OpenSessionAsync(session.Reference, new OpenOptions { Takeover = true });
        var result = await again.StepAsync(Gradients);
        Assert.Equal(1, result.Iterations);
    }

    [Fact]
    public async Task DisposeAsync_ThenOpenAgain_GoesOnWhereItStopped()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        var first = await service.Client.OpenSessionAsync(created.Reference);
        await first.StepAsync(Gradients, options: new StepOptions { ClientCursor = new byte[] { 1, 2, 3 } });
        await first.DisposeAsync();

        await using var second = await service.Client.OpenSessionAsync(created.Reference);

        Assert.Equal(2UL, second.NextSequence);
        Assert.Equal(new byte[] { 1, 2, 3 }, second.ClientCursor.ToArray());
        Assert.Equal(1UL, second.LastResult?.Sequence);
        Assert.Equal(first.Version, second.Version);
        Assert.Equal(first.LastResult?.GradientNorm, second.LastResult?.GradientNorm);
    }

    [Fact]
    public async Task OpenSession_WorkerHasAStream_NeedsTakeoverAndFencesIt()
    {
        await using var old = await OpenAsync();

        await Assert.ThrowsAsync<WorkerBusyException>(() => service.Client.OpenSessionAsync(old.Reference));
        await using var taker = await service.Client.OpenSessionAsync(old.Reference, new OpenOptions { Takeover = true });

        await Assert.ThrowsAsync<WorkerFencedException>(() => old.StepAsync(Gradients));
        Assert.False(old.IsOpen);
        Assert.True(taker.WorkerEpoch > old.WorkerEpoch);
        Assert.Equal(StepOutcome.Applied, (await taker.StepAsync(Gradients)).Outcome);
    }

    [Fact]
    public async Task StepAsync_SessionDeleted_SaysSo()
    {
        await using var session = await OpenAsync();
        await service.Client.DeleteSessionAsync(session.Reference);

        await Assert.ThrowsAsync<SessionDeletedException>(() => session.StepAsync(Gradients));

        Assert.False(session.IsOpen);
    }

    [Fact]
    public async Task OpenSession_OtherGeneration_IsRefused()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());

        var exception = await Assert.ThrowsAsync<GenerationChangedException>(
            () => service.Client.OpenSessionAsync(created.Reference with { ExpectedGeneration = created.Generation + 1 }));

        Assert.Equal(created.Generation, exception.Generation);
    }

    [Fact]
    public async Task OpenSession_UnknownId_IsNotFound()
    {
        await Assert.ThrowsAsync<SessionNotFoundException>(() => service.Client.OpenSessionAsync("nobody"));
    }

    private async Task<OptimizerSession> OpenAsync()
    {
        var session = await service.Client.CreateSessionAsync(SmallModel.Spec());
        return await service.Client.OpenSessionAsync(session.Reference);
    }
}
