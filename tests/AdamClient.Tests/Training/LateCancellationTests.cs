using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Training;

/// <summary>A token that fires when the last message is here already, and the SDK is about to return.</summary>
[Collection(ServiceGroup.Name)]
public sealed class LateCancellationTests(ServiceFixture service)
{
    private static readonly IReadOnlyList<ReadOnlyTensorMemory> Gradients = SmallModel.ReadOnly(SmallModel.Gradients(1));

    [Fact]
    public async Task StepAsync_CancelledWhenTheReplyIsHere_ReturnsItAndClosesTheSession()
    {
        using var source = new CancellationTokenSource();
        await using var listening = new ListeningClient(service.Address);
        var created = await listening.Client.CreateSessionAsync(SmallModel.Spec());
        await using var session = await listening.Client.OpenSessionAsync(created.Reference);
        listening.CancelOn<V1.TrainResponse>(message => message.ReplyEnd is not null, source);

        var result = await session.StepAsync(
            Gradients, SmallModel.Writable(SmallModel.Buffers()), cancellationToken: source.Token);

        Assert.True(source.IsCancellationRequested);
        Assert.Equal(StepOutcome.Applied, result.Outcome);
        Assert.False(session.IsOpen);
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.StepAsync(Gradients));
        await using var again = await listening.Client.OpenSessionAsync(created.Reference, new OpenOptions { Takeover = true });
        Assert.Equal(2UL, again.NextSequence);
    }

    [Fact]
    public async Task StepAsync_CancelledWhenTheRefusalIsHere_ThrowsItAndClosesTheSession()
    {
        using var source = new CancellationTokenSource();
        await using var listening = new ListeningClient(service.Address);
        var created = await listening.Client.CreateSessionAsync(SmallModel.Spec());
        await using var session = await listening.Client.OpenSessionAsync(created.Reference);
        listening.CancelOn<V1.TrainResponse>(message => message.Result is not null, source);

        var exception = await Assert.ThrowsAsync<AdamException>(() => session.StepAsync(
            Gradients, options: new StepOptions { BaseVersion = session.Version + 10 }, cancellationToken: source.Token));

        Assert.Equal(AdamErrorReason.BaseVersionAhead, exception.Reason);
        Assert.False(session.IsOpen);
    }

    [Fact]
    public async Task OpenSession_CancelledWhenTheAnswerIsHere_IsACancellation()
    {
        using var source = new CancellationTokenSource();
        await using var listening = new ListeningClient(service.Address);
        var created = await listening.Client.CreateSessionAsync(SmallModel.Spec());
        listening.CancelOn<V1.TrainResponse>(message => message.Opened is not null, source);

        var exception = await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => listening.Client.OpenSessionAsync(created.Reference, cancellationToken: source.Token));

        Assert.Equal(source.Token, exception.CancellationToken);
    }

    [Fact]
    public async Task OpenSession_CancelledAfterwards_HasNoEffect()
    {
        using var source = new CancellationTokenSource();
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        await using var session = await service.Client.OpenSessionAsync(created.Reference, cancellationToken: source.Token);

        await source.CancelAsync();
        var result = await session.StepAsync(Gradients);

        Assert.Equal(StepOutcome.Applied, result.Outcome);
        Assert.True(session.IsOpen);
    }
}
