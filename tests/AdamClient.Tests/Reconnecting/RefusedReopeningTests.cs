using Adam.Client.Tests.Support;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Google.Rpc;
using Grpc.Core;

namespace Adam.Client.Tests.Reconnecting;

/// <summary>What a service may say to a worker that comes back.</summary>
[Collection(ServiceGroup.Name)]
public sealed class RefusedReopeningTests(ServiceFixture service)
{
    private static readonly IReadOnlyList<ReadOnlyTensorMemory> Gradients = SmallModel.ReadOnly(SmallModel.Gradients(1));

    [Theory]
    [InlineData("RECOVERING")]
    [InlineData("")]
    public async Task StepAsync_ServiceNotReadyYet_Waits(string reason)
    {
        await using var lost = await LostSession.OpenAsync(service);
        var refusals = 0;
        lost.Listening.Refuse = called => called == "Train" && ++refusals <= 2 ? Refusal(StatusCode.Unavailable, reason) : null;

        var result = await lost.Session.StepAsync(Gradients);

        Assert.Equal((StepOutcome.Applied, 1L), (result.Outcome, result.Iterations));
        Assert.Equal(3, refusals);
    }

    [Fact]
    public async Task OpenSession_ServiceNotReadyYet_TriesAgain()
    {
        await using var listening = new ListeningClient(service.Address);
        var created = await listening.Client.CreateSessionAsync(SmallModel.Spec());
        var refusals = 0;
        listening.Refuse = called => called == "Train" && ++refusals <= 1 ? Refusal(StatusCode.Unavailable, "RECOVERING") : null;

        await using var session = await listening.Client.OpenSessionAsync(created.Reference);

        Assert.True(session.IsOpen);
        Assert.Equal(2, refusals);
    }

    [Fact]
    public async Task StepAsync_GenerationChanged_SaysWhatIsLostAndWhatToDo()
    {
        await using var lost = await LostSession.OpenAsync(service);
        lost.Listening.Refuse = called => called == "Train"
            ? Refusal(StatusCode.Aborted, "GENERATION_CHANGED", ("generation", "9"), ("version", "4"))
            : null;

        var exception = await Assert.ThrowsAsync<GenerationChangedException>(() => lost.Session.StepAsync(Gradients));

        Assert.Equal((9UL, 4UL), (exception.Generation!.Value, exception.Version!.Value));
        Assert.Contains($"generation {lost.Session.Generation} and version {lost.Session.Version}", exception.Message, StringComparison.Ordinal);
        Assert.Contains("Read the weights", exception.Message, StringComparison.Ordinal);
        Assert.False(lost.Session.IsOpen);
    }

    [Fact]
    public async Task StepAsync_RefusedForGood_IsNotTriedAgain()
    {
        await using var lost = await LostSession.OpenAsync(service);
        var calls = 0;
        lost.Listening.Refuse = _ =>
        {
            calls++;
            return Refusal(StatusCode.PermissionDenied, "");
        };

        var exception = await Assert.ThrowsAsync<AdamException>(() => lost.Session.StepAsync(Gradients));

        Assert.Equal((StatusCode.PermissionDenied, 1), (exception.StatusCode, calls));
    }

    [Fact]
    public async Task StepAsync_AnswerToTheReopeningIsLost_IsNotTakenForATakeover()
    {
        // Of a worker that never trained the service forgets the epoch with its stream.
        await using var lost = await LostSession.OpenAsync(service, stepsBefore: 1);
        lost.Listening.RunOnceOn<V1.TrainResponse>(message => message.Opened is not null, () => throw Refusal(StatusCode.Unavailable, ""));

        var result = await lost.Session.StepAsync(Gradients);

        Assert.Equal((StepOutcome.Applied, 2L), (result.Outcome, result.Iterations));
        Assert.Equal(1, lost.Session.Reconnects);
    }

    [Fact]
    public async Task StepAsync_TakenOverAfterAReopeningWhoseAnswerWasLost_IsFencedAndTakesNothingBack()
    {
        await using var lost = await LostSession.OpenAsync(service, stepsBefore: 1);
        OptimizerSession? other = null;
        lost.Listening.RunOnceOn<V1.TrainResponse>(
            message => message.Opened is not null,
            async () =>
            {
                other = await service.Client.OpenSessionAsync(lost.Session.Reference, new OpenOptions { WorkerId = lost.Session.WorkerId, Takeover = true });
                throw Refusal(StatusCode.Unavailable, "");
            });

        var exception = await Assert.ThrowsAsync<WorkerFencedException>(() => lost.Session.StepAsync(Gradients));

        await using var taker = other!;
        Assert.Equal(taker.WorkerEpoch, exception.WorkerEpoch);
        Assert.Contains("while this session had no connection", exception.Message, StringComparison.Ordinal);
        Assert.Equal((StepOutcome.Applied, 0), ((await taker.StepAsync(Gradients)).Outcome, taker.Reconnects));
    }

    [Fact]
    public async Task StepAsync_BatchesThatWereNotSentAreApplied_IsNotTakenForItsOwn()
    {
        await using var lost = await LostSession.OpenAsync(service);
        lost.Listening.RunOnceOn<V1.TrainResponse>(
            message =>
            {
                if (message.Opened is { } opened)
                {
                    opened.NextSequence = 3;
                }

                return message.Opened is not null;
            },
            () => Task.CompletedTask);

        var exception = await Assert.ThrowsAsync<WorkerFencedException>(() => lost.Session.StepAsync(Gradients));

        Assert.Contains("somebody else trains as this worker", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2UL, 100UL)]
    [InlineData(3UL, 1UL)]
    public async Task StepAsync_AcknowledgedBatchIsForgotten_IsAnError(ulong nextSequence, ulong version)
    {
        await using var lost = await LostSession.OpenAsync(service, stepsBefore: 2);
        lost.Listening.RunOnceOn<V1.TrainResponse>(
            message =>
            {
                if (message.Opened is { } opened)
                {
                    (opened.NextSequence, opened.Version) = (nextSequence, version);
                }

                return message.Opened is not null;
            },
            () => Task.CompletedTask);

        var exception = await Assert.ThrowsAsync<AdamException>(() => lost.Session.StepAsync(Gradients));

        Assert.Equal(StatusCode.DataLoss, exception.StatusCode);
        Assert.False(lost.Session.IsOpen);
    }

    private static RpcException Refusal(StatusCode code, string reason, params (string Key, string Value)[] metadata)
    {
        var trailers = new Metadata();
        if (reason.Length > 0)
        {
            var info = new ErrorInfo { Reason = reason, Domain = "adam.v1" };
            foreach (var (key, value) in metadata)
            {
                info.Metadata[key] = value;
            }

            var status = new Google.Rpc.Status { Code = (int)code, Message = "by the test", Details = { Any.Pack(info) } };
            trailers.Add("grpc-status-details-bin", status.ToByteArray());
        }

        return new RpcException(new Grpc.Core.Status(code, "by the test"), trailers);
    }
}
