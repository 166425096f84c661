using Adam.Service.DataPlane;
using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>BeginBatch, StageChunks, CommitBatch: a batch without a stream.</summary>
public sealed class OpenBatchTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] First = Floats.Random(37, 1);
    private static readonly float[] Second = Floats.Random(20, 2);
    private static readonly float[] FirstGradient = Floats.Random(37, 3);
    private static readonly float[] SecondGradient = Floats.Random(20, 4);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task CommitBatch_CompleteBatch_AppliesTheStepOfAStream()
    {
        await CreateAsync();
        var batch = await BeginAsync(1);

        Assert.Equal(57UL, await batch.StageAsync());
        Assert.Equal(30UL, await batch.StageAsync(Requests.Chunk(0, 10, FirstGradient.AsSpan(10))));
        Assert.Equal(0UL, await batch.StageAsync(Requests.Chunk(1, 0, SecondGradient), Requests.Chunk(0, 0, FirstGradient.AsSpan(0, 10))));
        var result = await batch.CommitAsync(new BatchCommit { ClientCursor = ByteString.CopyFromUtf8("here") });

        Assert.Equal((BatchOutcome.Applied, 1UL, ReplyKind.None), (result.Outcome, result.Sequence, result.ReplyKind));
        var after = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(new Replica(First, Second).Apply(FirstGradient, SecondGradient).Weights(), after, "weights");
        using var stream = await TrainClient.OpenAsync(_service, _id);
        Assert.Equal((2UL, "here"), (stream.Opened.NextSequence, stream.Opened.ClientCursor.ToStringUtf8()));
    }

    [Fact]
    public async Task CommitBatch_Twice_IsUnknownAndTheResultIsKept()
    {
        await CreateAsync();
        var batch = await BeginAsync(1);
        await StageAllAsync(batch);
        await batch.CommitAsync();

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.BatchNotFound, () => batch.CommitAsync());
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.BatchNotFound, () => batch.StageAsync());
        var known = await _service.Training.GetBatchResultAsync(
            new GetBatchResultRequest { Session = Requests.Ref(_id), WorkerId = "w", Sequence = 1 }, TestService.Call());
        var again = await BeginAsync(1);
        await StageAllAsync(again);

        Assert.Equal((BatchOutcome.Duplicate, BatchOutcome.Applied), (known.Result.Outcome, known.Result.OriginalOutcome));
        Assert.Equal(BatchOutcome.Duplicate, (await again.CommitAsync()).Outcome);
    }

    public static TheoryData<string, TensorChunk, ErrorReason> BadChunks => new()
    {
        { "outside", Requests.Chunk(0, 30, new float[8]), ErrorReason.TensorMismatch },
        { "twice", Requests.Chunk(0, 4, new float[2]), ErrorReason.TensorMismatch },
        { "within an element", new TensorChunk { Offset = 10, Data = ByteString.CopyFrom(1, 2, 3) }, ErrorReason.TensorMismatch },
        { "within a block", new TensorChunk { Offset = 10, Dtype = DType.Int8Blocks, Data = ByteString.CopyFrom(new byte[5]) }, ErrorReason.TensorMismatch },
        { "a dtype that there is not", new TensorChunk { Offset = 10, Dtype = (DType)77, Data = ByteString.CopyFrom(new byte[4]) }, ErrorReason.InvalidField },
        { "a tensor that there is not", Requests.Chunk(7, 0, [1]), ErrorReason.InvalidField },
        { "a slot", new TensorChunk { Slot = Slot.Weights, Offset = 10, Data = ByteString.CopyFrom(new byte[4]) }, ErrorReason.InvalidField },
        { "a codec", new TensorChunk { Codec = new ChunkCodec(), Offset = 10 }, ErrorReason.NotImplemented },
        { "too large", new TensorChunk { Data = ByteString.CopyFrom(new byte[(1 << 20) + 4]) }, ErrorReason.LimitExceeded },
    };

    [Theory]
    [MemberData(nameof(BadChunks))]
    public async Task StageChunks_OneBadChunk_AddsNoneOfTheCall(string what, TensorChunk bad, ErrorReason reason)
    {
        await CreateAsync();
        var batch = await BeginAsync(1);
        await batch.StageAsync(Requests.Chunk(0, 0, FirstGradient.AsSpan(0, 5)));

        var refusal = await Refusal.OfAsync(() => batch.StageAsync(
            Requests.Chunk(0, 5, new float[3]), Requests.Chunk(1, 0, new float[20]), bad));
        var missing = await batch.StageAsync();
        await batch.StageAsync(Requests.Chunk(0, 5, FirstGradient.AsSpan(5)), Requests.Chunk(1, 0, SecondGradient));

        Assert.True(Adam.Service.Errors.WireStatus.NameOf(reason) == refusal.Reason, what);
        Assert.Equal(52UL, missing);
        Assert.Equal(BatchOutcome.Applied, (await batch.CommitAsync()).Outcome);
        var after = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(new Replica(First, Second).Apply(FirstGradient, SecondGradient).Weights(), after, "weights");
    }

    [Fact]
    public async Task CommitBatch_Incomplete_StaysOpen()
    {
        await CreateAsync();
        var batch = await BeginAsync(1);
        await batch.StageAsync(Requests.Chunk(0, 0, FirstGradient));

        var refusal = await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.TensorIncomplete, () => batch.CommitAsync());
        await batch.StageAsync(Requests.Chunk(1, 0, SecondGradient));
        await Refusal.OfAsync(
            StatusCode.InvalidArgument, ErrorReason.DigestMismatch, () => batch.CommitAsync(new BatchCommit { Digest = new BatchDigest() }));

        Assert.Equal("t1", refusal.Metadata["tensor"]);
        Assert.Equal(BatchOutcome.Applied, (await batch.CommitAsync()).Outcome);
    }

    [Fact]
    public async Task CommitBatch_Gap_IsAFailedCallAndChangesNothing()
    {
        await CreateAsync();
        var batch = await BeginAsync(3);
        await StageAllAsync(batch);

        var refusal = await Refusal.OfAsync(StatusCode.OutOfRange, ErrorReason.SequenceGap, () => batch.CommitAsync());

        Assert.Equal("1", refusal.Metadata["expected_sequence"]);
        var after = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(First, after, "weights");
    }

    [Fact]
    public async Task CommitBatch_WorkerWasTakenOver_IsFenced()
    {
        await CreateAsync();
        var batch = await BeginAsync(1);
        await StageAllAsync(batch);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.WorkerFenced, () => batch.CommitAsync());
        await Refusal.OfAsync(
            StatusCode.Aborted,
            ErrorReason.WorkerFenced,
            () => OpenBatchClient.BeginAsync(_service, _id, OpenBatchClient.Begin(1), epoch: stream.Opened.WorkerEpoch - 1));
        var current = await OpenBatchClient.BeginAsync(_service, _id, OpenBatchClient.Begin(1), epoch: stream.Opened.WorkerEpoch);
        await StageAllAsync(current);

        Assert.Equal(BatchOutcome.Applied, (await current.CommitAsync()).Outcome);
    }

    public static TheoryData<string, Action<BeginBatchRequest>> BadBegins => new()
    {
        { "begin", request => request.Begin = null },
        { "begin.sequence", request => request.Begin.Sequence = 0 },
        { "begin.tensors", request => request.Begin.ClearTensors() },
        { "begin.reply.kind", request => request.Begin.Reply = new ReplySpec { Kind = ReplyKind.Weights } },
        { "worker_id", request => request.WorkerId = "" },
        { "session.session_id", request => request.Session = null },
    };

    [Theory]
    [MemberData(nameof(BadBegins))]
    public async Task BeginBatch_BadField_IsNamed(string field, Action<BeginBatchRequest> spoil)
    {
        ArgumentNullException.ThrowIfNull(spoil);
        await CreateAsync();
        var request = new BeginBatchRequest { Session = Requests.Ref(_id), WorkerId = "w", Begin = OpenBatchClient.Begin(1) };
        spoil(request);

        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument, ErrorReason.InvalidField, async () => await _service.Training.BeginBatchAsync(request, TestService.Call()));

        Assert.Equal([field], refusal.Fields);
    }

    [Fact]
    public async Task StageChunks_TokenThatIsNone_IsUnknown()
    {
        await CreateAsync();
        await BeginAsync(1);

        var none = await Refusal.OfAsync(() => new OpenBatchClient(_service, ByteString.Empty).StageAsync());
        var other = await Refusal.OfAsync(() => new OpenBatchClient(_service, ByteString.CopyFrom(new byte[32])).StageAsync());

        none.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        other.AssertIs(StatusCode.NotFound, ErrorReason.BatchNotFound);
    }

    [Fact]
    public async Task BeginBatch_Tokens_AreLongAndNeverTheSame()
    {
        await CreateAsync();
        var tokens = new HashSet<ByteString>();
        for (var sequence = 1UL; sequence <= 3; sequence++)
        {
            Assert.True(tokens.Add((await BeginAsync(sequence)).Token));
        }

        Assert.All(tokens, token => Assert.Equal(32, token.Length));
    }

    [Fact]
    public async Task DeleteSession_WithOpenBatches_DropsThemAndTheirMemory()
    {
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(Requests.Create(_id, First, Second));
        var batch = await OpenBatchClient.BeginAsync(service, _id, OpenBatchClient.Begin(1));
        await batch.StageAsync(Requests.Chunk(0, 0, FirstGradient));
        Assert.Equal(1, service.Get<OpenBatches>().Count);

        await service.DeleteAsync(_id);

        await Eventually.EqualAsync(0, () => service.Get<OpenBatches>().Count);
        await Eventually.EqualAsync((0, 0), () => (service.Memory.ReservedBytes, service.Memory.IdleBytes));
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.BatchNotFound, () => batch.StageAsync());
    }

    [Fact]
    public async Task OpenBatch_NotUsedForTooLong_IsDropped()
    {
        await using var service = await TestService.StartAsync(("Limits:OpenBatchIdleSeconds", "1"));
        await service.CreateAsync(Requests.Create(_id, First, Second));
        var state = service.Memory.ReservedBytes;
        var batch = await OpenBatchClient.BeginAsync(service, _id, OpenBatchClient.Begin(1));
        await batch.StageAsync(Requests.Chunk(0, 0, FirstGradient));

        await Eventually.EqualAsync((0, state), () => (service.Get<OpenBatches>().Count, service.Memory.ReservedBytes));

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.BatchNotFound, () => batch.CommitAsync());
    }

    [Fact]
    public async Task BeginBatch_AtTheLimitOfBatches_NamesTheOption()
    {
        await using var service = await TestService.StartAsync(("Limits:OpenBatchesPerSessionMax", "1"));
        await service.CreateAsync(Requests.Create(_id, First, Second));
        var batch = await OpenBatchClient.BeginAsync(service, _id, OpenBatchClient.Begin(1));

        var refusal = await Refusal.OfAsync(
            StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => OpenBatchClient.BeginAsync(service, _id, OpenBatchClient.Begin(2)));
        await StageAllAsync(batch);
        await batch.CommitAsync();

        Assert.Equal("Limits:OpenBatchesPerSessionMax", refusal.Metadata["option"]);
        await OpenBatchClient.BeginAsync(service, _id, OpenBatchClient.Begin(2));
    }

    [Fact]
    public async Task BeginBatch_AtTheLimitOfBytes_NamesTheOption()
    {
        await using var service = await TestService.StartAsync(("Limits:OpenBatchBytesPerSessionMax", "300"));
        await service.CreateAsync(Requests.Create(_id, First, Second));
        var listed = new BatchBegin { Sequence = 2, ListedTensors = Requests.Indexes(1) };
        await OpenBatchClient.BeginAsync(service, _id, OpenBatchClient.Begin(1));

        var refusal = await Refusal.OfAsync(
            StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => OpenBatchClient.BeginAsync(service, _id, listed));

        Assert.Equal(("Limits:OpenBatchBytesPerSessionMax", "300"), (refusal.Metadata["option"], refusal.Metadata["value"]));
    }

    private static Task StageAllAsync(OpenBatchClient batch) =>
        batch.StageAsync(Requests.Chunk(0, 0, FirstGradient), Requests.Chunk(1, 0, SecondGradient));

    private Task CreateAsync() => _service.CreateAsync(Requests.Create(_id, First, Second));

    private Task<OpenBatchClient> BeginAsync(ulong sequence) => OpenBatchClient.BeginAsync(_service, _id, OpenBatchClient.Begin(sequence));
}
