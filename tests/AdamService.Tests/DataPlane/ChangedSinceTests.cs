using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Replies and reads of what was written since a version.</summary>
public sealed class ChangedSinceTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[][] Initial = [Floats.Random(9, 1), Floats.Random(8, 2), Floats.Random(7, 3)];

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_ChangedSince_BringsTheTensorsThatTookPart()
    {
        using var stream = await OpenAsync(new AdamConfig());

        var first = await StepAsync(stream, 1, since: 1, 0);
        var second = await StepAsync(stream, 2, since: 2, 2);
        var both = await StepAsync(stream, 3, since: 1, 2);
        var nothing = await StepAsync(stream, 4, since: 4, asked: [0], 1);

        Assert.Equal([0u], first.Order);
        Assert.Equal([2u], second.Order);
        Assert.Equal([0u, 2u], both.Order);
        Assert.Empty(nothing.Chunks);
        Assert.Equal(5ul, nothing.End!.Version);
        Bits.AssertSame((await _service.ReadWeightsAsync(_id, 2)), both.Tensor(2), "t2");
    }

    [Fact]
    public async Task Train_ChangedSinceWithDelta_BringsDeltasOfThose()
    {
        using var stream = await OpenAsync(new AdamConfig());

        var answer = await StepAsync(stream, 1, since: 1, asked: null, 1, kind: ReplyKind.Delta);

        Assert.Equal([1u], answer.Order);
        Bits.AssertSame(
            [.. (await _service.ReadWeightsAsync(_id, 1)).Zip(Initial[1], (updated, old) => updated - old)], answer.Tensor(1), "delta of t1");
    }

    [Fact]
    public async Task Train_ChangedSinceAhead_IsRefusedAndNothingHappens()
    {
        using var stream = await OpenAsync(new AdamConfig());

        var refusal = (await StepAsync(stream, 1, since: 2, 0)).Refused();

        refusal.AssertIs(StatusCode.FailedPrecondition, ErrorReason.BaseVersionAhead);
        Assert.Equal("1", refusal.Metadata["version"]);
        Assert.Equal(1ul, (await _service.GetAsync(_id)).Version);
    }

    [Fact]
    public async Task Train_Accumulating_ChangesNoWeightsUntilTheWindowEnds()
    {
        using var stream = await OpenAsync(new AdamConfig(), accumulate: 2);

        var micro = await StepAsync(stream, 1, since: 1, 0);
        var update = await StepAsync(stream, 2, since: 1, 0);

        Assert.Equal(BatchOutcome.Accumulated, micro.Result.Outcome);
        Assert.Empty(micro.Chunks);
        Assert.Equal([0u], update.Order);
        var read = await ReadAsync(1, Slot.Accumulator, Slot.FirstMoment);
        Assert.Equal(
            [(Slot.Accumulator, 0u), (Slot.Accumulator, 1u), (Slot.Accumulator, 2u), (Slot.FirstMoment, 0u)],
            read.Chunks.Select(chunk => (chunk.Slot, chunk.TensorIndex)));
    }

    [Fact]
    public async Task Train_Averages_MoveWithEveryStepForEveryTensor()
    {
        using var stream = await OpenAsync(new AdamConfig { UseEma = true });

        var answer = await StepAsync(stream, 1, since: 1, asked: null, 1, kind: ReplyKind.Average);

        Assert.Equal([0u, 1u, 2u], answer.Order);
        Assert.Equal([1u], (await ReadAsync(1, Slot.Weights)).Chunks.Select(chunk => chunk.TensorIndex));
    }

    [Fact]
    public async Task Train_AveragesThatOverwrite_ChangeEveryTensor()
    {
        using var stream = await OpenAsync(new AdamConfig { UseEma = true, EmaOverwriteFrequency = 2 });

        var first = await StepAsync(stream, 1, since: 1, 1);
        var overwriting = await StepAsync(stream, 2, since: 2, 1);

        Assert.Equal([1u], first.Order);
        Assert.Equal([0u, 1u, 2u], overwriting.Order);
    }

    [Fact]
    public async Task FinalizeSession_WithAverages_ChangesTheWeights()
    {
        using var stream = await OpenAsync(new AdamConfig { UseEma = true });
        await StepAsync(stream, 1, since: 1, 1);

        await _service.Sessions.FinalizeSessionAsync(new FinalizeSessionRequest { Session = Requests.Ref(_id) }, TestService.Call());

        Assert.Equal([0u, 1u, 2u], (await ReadAsync(2, Slot.Weights)).Chunks.Select(chunk => chunk.TensorIndex));
        Assert.True((await ReadAsync(2, Slot.Average)).Header.Unchanged);
    }

    [Fact]
    public async Task WriteTensors_OneSlotOfOneTensor_IsAllThatHasChanged()
    {
        using var stream = await OpenAsync(new AdamConfig());
        var chunk = Requests.Chunk(1, 0, Initial[1]);
        chunk.Slot = Slot.SecondMoment;

        await _service.WriteAsync(new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit(), chunk);

        var read = await ReadAsync(1, Slot.Weights, Slot.FirstMoment, Slot.SecondMoment);
        Assert.Equal([(Slot.SecondMoment, 1u)], read.Chunks.Select(part => (part.Slot, part.TensorIndex)));
        Assert.True((await ReadAsync(1, Slot.Weights)).Header.Unchanged);
    }

    [Fact]
    public async Task UpdateSession_LabelsOrRate_ChangesNoTensor()
    {
        using var stream = await OpenAsync(new AdamConfig());
        var request = new UpdateSessionRequest
        {
            Session = Requests.Ref(_id),
            Update = new SessionUpdate { LearningRate = new LearningRate { Value = 0.5 } },
            UpdateMask = new Google.Protobuf.WellKnownTypes.FieldMask { Paths = { "learning_rate" } },
        };

        await _service.Sessions.UpdateSessionAsync(request, TestService.Call());

        var read = await ReadAsync(1, Slot.Weights);
        Assert.Equal((true, 2ul), (read.Header.Unchanged, read.Header.Version));
    }

    private async Task<TrainClient> OpenAsync(AdamConfig settings, int accumulate = 0)
    {
        var request = Requests.Create(_id, settings, Initial);
        if (accumulate > 0)
        {
            request.Optimizer.GradientAccumulationSteps = accumulate;
        }

        await _service.CreateAsync(request);
        return await TrainClient.OpenAsync(_service, _id);
    }

    private static Task<Answer> StepAsync(TrainClient stream, ulong sequence, ulong since, int tensor) =>
        StepAsync(stream, sequence, since, null, tensor);

    private static async Task<Answer> StepAsync(
        TrainClient stream, ulong sequence, ulong since, int[]? asked, int tensor, ReplyKind kind = ReplyKind.Weights)
    {
        var begin = new BatchBegin
        {
            Sequence = sequence,
            ListedTensors = Requests.Indexes(tensor),
            Reply = new ReplySpec { Kind = kind, ChangedSinceVersion = since, Tensors = asked is null ? null : Requests.Indexes(asked) },
        };
        await stream.BeginAsync(begin);
        await stream.ChunkAsync(Requests.Chunk(tensor, 0, Initial[tensor]));
        await stream.CommitAsync();
        return await stream.ReadAnswerAsync();
    }

    private Task<ReadResult> ReadAsync(ulong newerThan, params Slot[] slots) =>
        _service.ReadAsync(new ReadTensorsRequest { Session = Requests.Ref(_id), Slots = { slots }, IfNewerThan = newerThan });
}
