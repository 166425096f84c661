using Adam.Client.Tests.Support;
using Grpc.Core;

namespace Adam.Client.Tests.Training;

/// <summary>Steps that are begun while earlier ones are under way.</summary>
public sealed class OverlappingStepsTests(SmallChunksFixture service) : IClassFixture<SmallChunksFixture>
{
    [Fact]
    public async Task StepAsync_WhileAReplyIsComing_SendsTheNextBatch()
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(listening);
        var gate = Hold(listening, message => message.ReplyEnd is not null);
        var weights = InterruptedModel.Buffers();
        var first = session.StepAsync(Gradients(1), SmallModel.Writable(weights));
        await gate.Reached;

        var second = session.StepAsync(Gradients(2));
        await WaitForVersionAsync(session, session.Version + 1);
        var endedMeanwhile = first.IsCompleted || second.IsCompleted;
        gate.Open();

        Assert.False(endedMeanwhile);
        Assert.Equal([1UL, 2UL], (await Task.WhenAll(first, second)).Select(result => result.Sequence));
        Assert.Equal((await first).Version, (await first).ReplyVersion);
    }

    [Fact]
    public async Task StepAsync_ManyAtATime_GiveWhatOneAfterTheOtherGives()
    {
        const int Steps = 20;
        await using var overlapping = await OpenAsync(service.Client);
        await using var plain = await OpenAsync(service.Client);

        var (results, weights) = await InterruptedModel.TrainAsync(overlapping, Steps, overlap: 7);
        var (expected, expectedWeights) = await InterruptedModel.TrainAsync(plain, Steps);

        Assert.Equal(SmallChunksFixture.Credits, overlapping.Credits);
        Assert.Equal(expected.Select(result => (result.Sequence, result.Version, result.GradientNorm)), results.Select(result => (result.Sequence, result.Version, result.GradientNorm)));
        Assert.Equal(expectedWeights, weights);
        Assert.Equal(Steps + 1UL, overlapping.NextSequence);
    }

    [Fact]
    public async Task StepAsync_MoreThanTheCredits_Wait()
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(listening);
        using var read = new CancellationTokenSource();
        var gate = Hold(listening, message => message.Result is not null);
        var steps = Enumerable.Range(1, SmallChunksFixture.Credits).Select(step => session.StepAsync(Gradients(step))).ToList();
        steps.Add(session.StepAsync(new CancellingList(InterruptedModel.Gradients(9), read)));

        await WaitForVersionAsync(session, session.Version + SmallChunksFixture.Credits);
        var wasRead = read.IsCancellationRequested;
        gate.Open();
        await Task.WhenAll(steps);

        Assert.False(wasRead);
        Assert.True(read.IsCancellationRequested);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StepAsync_BatchIsRefused_LaterOnesAreGapsAndTheSessionGoesOn(bool isStale)
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(listening);
        using var read = new CancellationTokenSource();
        var bad = isStale ? new StepOptions { LossScaleUsed = 3 } : new StepOptions { BaseVersion = session.Version + 10 };
        var gate = Hold(listening, message => message.Result?.Sequence == 1);
        var taken = session.StepAsync(Gradients(1));
        var refused = session.StepAsync(Gradients(2), options: bad);
        var behind = session.StepAsync(Gradients(3));
        await gate.Reached;
        var gateBehind = Hold(listening, message => message.Result?.Sequence == 3);
        gate.Open();
        await gateBehind.Reached;

        // What became of the second is known by now; the third is still under way, and so a fourth one is behind a gap.
        var late = session.StepAsync(new CancellingList(InterruptedModel.Gradients(4), read));
        gateBehind.Open();

        Assert.Equal(StepOutcome.Applied, (await taken).Outcome);
        if (isStale)
        {
            Assert.Equal(StepOutcome.StaleLossScale, (await refused).Outcome);
        }
        else
        {
            Assert.Equal(AdamErrorReason.BaseVersionAhead, (await Assert.ThrowsAsync<AdamException>(() => refused)).Reason);
        }

        Assert.Equal(2UL, (await Assert.ThrowsAsync<SequenceGapException>(() => behind)).ExpectedSequence);
        Assert.Equal(2UL, (await Assert.ThrowsAsync<SequenceGapException>(() => late)).ExpectedSequence);
        Assert.False(read.IsCancellationRequested);
        var again = await session.StepAsync(Gradients(2));
        Assert.Equal((2UL, 2L, StepOutcome.Applied), (again.Sequence, again.Iterations, again.Outcome));
    }

    [Fact]
    public async Task StepAsync_WithFeedback_WaitsForTheResultBefore()
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(
            listening, new OpenOptions { GradientEncoding = GradientEncoding.BFloat16, ErrorFeedback = new ErrorFeedback() });
        using var read = new CancellationTokenSource();
        var gate = Hold(listening, message => message.Result is not null);
        var first = session.StepAsync(Gradients(1));
        await gate.Reached;

        var second = session.StepAsync(new CancellingList(InterruptedModel.Gradients(2), read));
        for (var i = 0; i < 20; i++)
        {
            // Time enough for a step that does not wait.
            await service.Client.GetSessionAsync(session.Reference);
        }

        var wasRead = read.IsCancellationRequested;
        gate.Open();
        await Task.WhenAll(first, second);

        Assert.False(wasRead);
    }

    [Fact]
    public async Task StepAsync_BreakAfterSeveralWereApplied_AsksForEach()
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(listening);
        var asked = 0;
        listening.Refuse = method =>
        {
            asked += method == "GetBatchResult" ? 1 : 0;
            return null;
        };
        listening.RunOnceOn<V1.TrainResponse>(message => message.Result is not null, async () =>
        {
            await WaitForVersionAsync(session, session.Version + 3);
            throw new RpcException(new Status(StatusCode.Unavailable, "by the test"));
        });

        var results = await Task.WhenAll(Enumerable.Range(1, 3).Select(step => session.StepAsync(Gradients(step), SmallModel.Writable(InterruptedModel.Buffers()))));

        Assert.Equal([1L, 2L, 3L], results.Select(result => result.Iterations));
        Assert.All(results, result => Assert.True(result is { WasInterrupted: true, Outcome: StepOutcome.Applied, OriginalOutcome: null }));
        Assert.Equal(results[^1].Version, results[0].ReplyVersion);

        // The last one stands in the first message of the stream.
        Assert.Equal((2, 1), (asked, session.Reconnects));
        Assert.Equal(4L, (await session.StepAsync(Gradients(4))).Iterations);
    }

    [Fact]
    public async Task StepAsync_OneIsCancelled_EndsAll()
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(listening);
        using var source = new CancellationTokenSource();
        var gate = Hold(listening, message => message.Result is not null);
        var first = session.StepAsync(Gradients(1));
        var second = session.StepAsync(Gradients(2), cancellationToken: source.Token);
        var third = session.StepAsync(Gradients(3));
        await gate.Reached;

        await source.CancelAsync();
        gate.Open();

        // The result of the first was here already.
        Assert.Equal(StepOutcome.Applied, (await first).Outcome);
        Assert.Equal(source.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second)).CancellationToken);
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<AdamException>(() => third)).StatusCode);
        Assert.False(session.IsOpen);
    }

    private static IReadOnlyList<ReadOnlyTensorMemory> Gradients(int step) => SmallModel.ReadOnly(InterruptedModel.Gradients(step));

    private static Gate Hold(ListeningClient listening, Func<V1.TrainResponse, bool> awaited)
    {
        var gate = new Gate();
        listening.RunOnceOn(awaited, gate.PassAsync);
        return gate;
    }

    private static Task<OptimizerSession> OpenAsync(ListeningClient listening, OpenOptions? options = null) => OpenAsync(listening.Client, options);

    private static async Task<OptimizerSession> OpenAsync(AdamClient client, OpenOptions? options = null)
    {
        var created = await client.CreateSessionAsync(InterruptedModel.Spec());
        return await client.OpenSessionAsync(created.Reference, options);
    }

    // The service decides a batch when it likes; nothing here hears of it before the answer.
    private async Task WaitForVersionAsync(OptimizerSession session, ulong version)
    {
        using var giveUp = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while ((await service.Client.GetSessionAsync(session.Reference, giveUp.Token)).Version < version)
        {
            await timer.WaitForNextTickAsync(giveUp.Token);
        }
    }
}
