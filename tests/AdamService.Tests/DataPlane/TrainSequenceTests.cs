using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Exactly once: repeats, gaps, refused batches and what is known of them afterwards.</summary>
public sealed class TrainSequenceTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);
    private static readonly float[] Gradient = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_Repeat_IsAnsweredAsBeforeAndNotAppliedAgain()
    {
        using var stream = await OpenAsync();
        var original = await stream.StepAsync(1, Gradient);
        var second = await stream.StepAsync(2, Gradient);

        var repeat = await stream.StepAsync(1, Gradient);

        var expected = original.Result.Clone();
        (expected.Outcome, expected.OriginalOutcome) = (BatchOutcome.Duplicate, BatchOutcome.Applied);
        Assert.Equal(expected, repeat.Result);
        Assert.Equal(second.Result.Version, repeat.End!.Version);
        Bits.AssertSame(second.Tensor(0), repeat.Tensor(0), "the present weights");
        Assert.Equal(2, (await _service.GetAsync(_id)).Groups[0].Iterations);
    }

    [Theory]
    [InlineData(ReplyKind.Delta)]
    [InlineData(ReplyKind.DeltaXor)]
    public async Task Train_RepeatThatAsksForADelta_GetsTheWeights(ReplyKind kind)
    {
        using var stream = await OpenAsync();
        await stream.StepAsync(Requests.Begin(1, kind), Gradient);

        var repeat = await stream.StepAsync(Requests.Begin(1, kind), Gradient);

        Assert.Equal(ReplyKind.Weights, repeat.Result.ReplyKind);
        Bits.AssertSame(new Replica(Initial).Apply(Gradient).Weights(), repeat.Tensor(0), "t0");
    }

    [Fact]
    public async Task Train_RefusedBatch_DoesNotConsumeItsSequence()
    {
        using var stream = await OpenAsync();

        var refused = await stream.StepAsync(1, [1f]);
        var again = await stream.StepAsync(1, Gradient);

        refused.Refused().AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorIncomplete);
        Assert.Equal(1ul, refused.Result.Version);
        Assert.Equal(BatchOutcome.Applied, again.Result.Outcome);
        Assert.Equal(2ul, again.Result.Version);
    }

    [Fact]
    public async Task Train_PipelinedBehindARefusedBatch_IsAGap()
    {
        using var stream = await OpenAsync();

        await stream.SendBatchAsync(1, [1f]);
        await stream.SendBatchAsync(2, Gradient);
        var first = await stream.ReadAnswerAsync();
        var second = await stream.ReadAnswerAsync();

        Assert.Equal(1ul, first.Result.Sequence);
        first.Refused().AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorIncomplete);
        Assert.Equal(2ul, second.Result.Sequence);
        second.Refused().AssertIs(StatusCode.OutOfRange, ErrorReason.SequenceGap);
        Assert.Equal("1", second.Refused().Metadata["expected_sequence"]);
        Assert.Equal(0, (await _service.GetAsync(_id)).Groups[0].Iterations);

        Assert.Equal(BatchOutcome.Applied, (await stream.StepAsync(1, Gradient)).Result.Outcome);
        Assert.Equal(BatchOutcome.Applied, (await stream.StepAsync(2, Gradient)).Result.Outcome);
    }

    [Fact]
    public async Task Train_SixtyFiveResultsLater_TheFirstIsForgottenButNotAppliedAgain()
    {
        using var stream = await OpenAsync();
        for (var sequence = 1ul; sequence <= 65; sequence++)
        {
            Assert.Equal(BatchOutcome.Applied, (await stream.StepAsync(Requests.Begin(sequence, ReplyKind.None), Gradient)).Result.Outcome);
        }

        var forgotten = (await stream.StepAsync(1, Gradient)).Refused();
        var oldestKept = await stream.StepAsync(2, Gradient);

        forgotten.AssertIs(StatusCode.OutOfRange, ErrorReason.ResultForgotten);
        Assert.Equal("66", forgotten.Metadata["expected_sequence"]);
        Assert.Equal(BatchOutcome.Duplicate, oldestKept.Result.Outcome);
        Assert.Equal(65, (await _service.GetAsync(_id)).Groups[0].Iterations);
        (await Refusal.OfAsync(() => LookUpAsync(1))).AssertIs(StatusCode.OutOfRange, ErrorReason.ResultForgotten);
        Assert.Equal(BatchOutcome.Duplicate, (await LookUpAsync(2)).Outcome);
    }

    [Fact]
    public async Task GetBatchResult_DecidedBatch_IsItsResult()
    {
        using var stream = await OpenAsync();
        var original = (await stream.StepAsync(1, Gradient)).Result;
        await stream.StepAsync(2, Gradient);

        var result = await LookUpAsync(1);

        var expected = original.Clone();
        (expected.Outcome, expected.OriginalOutcome, expected.ReplyKind) = (BatchOutcome.Duplicate, BatchOutcome.Applied, ReplyKind.None);
        Assert.Equal(expected, result);
    }

    [Theory]
    [InlineData("w", 2ul)]
    [InlineData("stranger", 1ul)]
    public async Task GetBatchResult_UndecidedBatch_SaysWhichIsNext(string worker, ulong sequence)
    {
        using var stream = await OpenAsync();
        await stream.StepAsync(1, Gradient);

        var refusal = await Refusal.OfAsync(StatusCode.OutOfRange, ErrorReason.SequenceGap, () => LookUpAsync(sequence, worker));

        Assert.Equal(sequence.ToString(System.Globalization.CultureInfo.InvariantCulture), refusal.Metadata["expected_sequence"]);
        Assert.DoesNotContain((await _service.GetAsync(_id)).Workers, known => known.WorkerId == "stranger");
    }

    [Fact]
    public async Task GetBatchResult_SequenceZero_IsInvalid()
    {
        using var stream = await OpenAsync();

        await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.InvalidField, () => LookUpAsync(0));
    }

    [Fact]
    public async Task Step_RepeatOfAStreamedBatch_IsADuplicate()
    {
        using (var stream = await OpenAsync())
        {
            await stream.StepAsync(1, Gradient);
            await stream.CloseAsync();
        }

        var response = await _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(1), Gradient));

        Assert.Equal((BatchOutcome.Duplicate, BatchOutcome.Applied), (response.Result.Outcome, response.Result.OriginalOutcome));
        Bits.AssertSame(new Replica(Initial).Apply(Gradient).Weights(), Floats.FromBytes(response.Reply[0].Data), "t0");
    }

    [Fact]
    public async Task Step_TooEarly_IsAFailedCall()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));

        var refusal = await Refusal.OfAsync(
            StatusCode.OutOfRange, ErrorReason.SequenceGap, () => _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(5), Gradient)));

        Assert.Equal("1", refusal.Metadata["expected_sequence"]);
    }

    private async Task<TrainClient> OpenAsync()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        return await TrainClient.OpenAsync(_service, _id);
    }

    private async Task<BatchResult> LookUpAsync(ulong sequence, string worker = "w") =>
        (await _service.Training.GetBatchResultAsync(
            new GetBatchResultRequest { Session = Requests.Ref(_id), WorkerId = worker, Sequence = sequence }, TestService.Call())).Result;
}
