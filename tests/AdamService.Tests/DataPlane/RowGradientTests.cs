using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Gradients that are lists of rows, and replies that carry rows.</summary>
public sealed class RowGradientTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private const int RowCount = 50;
    private const int Length = 24;

    private static readonly AdamConfig Settings = new() { WeightDecay = 0.01, Clipnorm = 0.7, UseEma = true };
    private static readonly float[] Initial = Floats.Random(RowCount * Length, 1);
    private static readonly long[] Ids = [7, 3, 49, 7, 0, 3, 3, 21];
    private static readonly float[] Values = Floats.Random(8 * Length, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Train_RowsOfADenseTensor_AreTheDenseGradient(int rows)
    {
        var dense = Requests.NewId();
        await CreateAsync(RowUpdates.Dense);
        await CreateAsync(RowUpdates.Unspecified, dense);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        using var other = await TrainClient.OpenAsync(_service, dense);

        for (ulong sequence = 1; sequence <= 3; sequence++)
        {
            var answer = await SendAsync(stream, sequence, Rows.Chunks(0, Ids, Values, rows));
            var expected = await other.StepAsync(sequence, Rows.ToDense(Ids, Values, RowCount));

            Assert.Equal(expected.Result.Metrics, answer.Result.Metrics);
            Assert.All(answer.Chunks, chunk => Assert.Null(chunk.RowIds));
            Bits.AssertSame(expected.Tensor(0), answer.Tensor(0), "weights");
        }
    }

    [Fact]
    public async Task Train_ChunksInAnyOrder_HaveTheBitsOfTheList()
    {
        var reversed = Requests.NewId();
        await CreateAsync(RowUpdates.Lazy);
        await CreateAsync(RowUpdates.Lazy, reversed);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        using var other = await TrainClient.OpenAsync(_service, reversed);

        await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 8));
        await SendAsync(other, 1, Rows.Chunks(0, Ids, Values, 1).Reverse());

        var weights = await _service.ReadWeightsAsync(reversed);
        Bits.AssertSame(await _service.ReadWeightsAsync(_id), weights, "weights");
    }

    [Fact]
    public async Task Train_LazyRows_ChangeAndComeBackAlone()
    {
        await CreateAsync(RowUpdates.Lazy);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var answer = await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 3));
        var weights = await _service.ReadWeightsAsync(_id);

        Assert.Equal([0L, 3, 7, 21, 49], answer.Chunks.SelectMany(chunk => chunk.RowIds.Ids));
        Bits.AssertSame(weights, Rows.Patch(Initial, answer.Chunks, Length), "weights");
        for (var row = 0; row < RowCount; row++)
        {
            var isListed = Array.IndexOf(Ids, (long)row) >= 0;
            Assert.Equal(!isListed, weights.AsSpan(row * Length, Length).SequenceEqual(Initial.AsSpan(row * Length, Length)));
        }

        var steps = await _service.ReadAsync(_id, Slot.RowSteps);
        Assert.Equal(DType.Int32, steps.Chunks[0].Dtype);
        Assert.Equal(Enumerable.Range(0, RowCount).Select(row => Array.IndexOf(Ids, (long)row) >= 0 ? 1 : 0), Rows.Counts(steps.Chunks[0].Data));
    }

    [Fact]
    public async Task Train_ARowAtATime_HasTheBitsOfAVariableOfItsOwn()
    {
        await _service.CreateAsync(Rows.Create(_id, RowUpdates.Lazy, new AdamConfig(), Initial, RowCount, Length));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var rows = Enumerable.Range(0, 3).Select(row => new Replica(Initial[(row * Length)..((row + 1) * Length)])).ToArray();

        for (ulong sequence = 1; sequence <= 7; sequence++)
        {
            var row = (int)(sequence * sequence % 3);
            var values = Floats.Random(Length, (int)sequence);
            await SendAsync(stream, sequence, [Rows.Chunk(0, 0, [row], values)]);
            rows[row].Apply(values);
        }

        var weights = await _service.ReadWeightsAsync(_id);
        for (var row = 0; row < 3; row++)
        {
            Bits.AssertSame(rows[row].Weights(), weights.AsSpan(row * Length, Length), $"row {row}");
        }
    }

    [Theory]
    [InlineData(ReplyKind.Weights, DType.Unspecified)]
    [InlineData(ReplyKind.Weights, DType.Bfloat16)]
    [InlineData(ReplyKind.Average, DType.Unspecified)]
    [InlineData(ReplyKind.Delta, DType.Unspecified)]
    [InlineData(ReplyKind.Delta, DType.Float16)]
    [InlineData(ReplyKind.DeltaXor, DType.Unspecified)]
    public async Task Train_ReplyOfLazyRows_IsThatOfTheWholeTensorAtTheseRows(ReplyKind kind, DType dtype)
    {
        await CreateAsync(RowUpdates.Lazy);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        await SendAsync(stream, 1, [Requests.Chunk(0, 0, Floats.Random(RowCount * Length, 5))]);
        var before = await _service.ReadWeightsAsync(_id);
        var begin = Requests.Begin(2, kind);
        begin.Reply.Dtype = dtype;
        begin.Reply.ChunkBytes = 4096;

        var answer = await SendAsync(stream, begin, Rows.Chunks(0, Ids, Values, 8));

        var slot = kind == ReplyKind.Average ? Slot.Average : Slot.Weights;
        var after = (await _service.ReadAsync(_id, slot)).Tensor(0, slot);
        foreach (var chunk in answer.Chunks)
        {
            var values = Floats.FromBytes(chunk.Data, chunk.Dtype);
            for (var i = 0; i < values.Length; i++)
            {
                var element = (int)(chunk.RowIds.Ids[i / Length] * Length) + (i % Length);
                var exact = kind switch
                {
                    ReplyKind.Delta => after[element] - before[element],
                    ReplyKind.DeltaXor => BitConverter.Int32BitsToSingle(
                        BitConverter.SingleToInt32Bits(after[element]) ^ BitConverter.SingleToInt32Bits(before[element])),
                    _ => after[element],
                };
                var tolerance = dtype == DType.Unspecified ? 0 : Math.Abs(exact) / 128;
                Assert.True(BitConverter.SingleToInt32Bits(exact) == BitConverter.SingleToInt32Bits(values[i]) || Math.Abs(exact - values[i]) <= tolerance);
            }
        }

        Assert.Equal([0L, 3, 7, 21, 49], answer.Chunks.SelectMany(chunk => chunk.RowIds.Ids));
    }

    [Fact]
    public async Task Train_LazyBesideDense_RepliesWithBoth()
    {
        var request = Rows.Create(_id, RowUpdates.Lazy, new AdamConfig(), Initial, RowCount, Length);
        request.Tensors.Add(new TensorSpec { Name = "dense/kernel", Shape = { 5 } });
        request.InitialValues.Add(Requests.Data(1, [1, 2, 3, 4, 5]));
        await _service.CreateAsync(request);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var both = await SendAsync(stream, 1, [Requests.Chunk(1, 0, [1, 1, 1, 1, 1]), .. Rows.Chunks(0, Ids, Values, 8)]);
        var begin = Requests.Begin(2);
        begin.ListedTensors = Requests.Indexes(1);
        var one = await SendAsync(stream, begin, [Requests.Chunk(1, 0, [1, 1, 1, 1, 1])]);

        Assert.Equal([0u, 1], both.Order);
        Bits.AssertSame(await _service.ReadWeightsAsync(_id), Rows.Patch(Initial, both.Chunks.Where(chunk => chunk.TensorIndex == 0), Length), "weights");
        Assert.Equal([1u], one.Order);
        Bits.AssertSame(await _service.ReadWeightsAsync(_id, 1), one.Tensor(1), "dense");
    }

    [Fact]
    public async Task Train_Repeat_GetsTheWholeTensor()
    {
        await CreateAsync(RowUpdates.Lazy);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 8));

        var repeat = await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 1));

        Assert.Equal(BatchOutcome.Duplicate, repeat.Result.Outcome);
        Bits.AssertSame(await _service.ReadWeightsAsync(_id), repeat.Tensor(0), "weights");
        Assert.All(repeat.Chunks, chunk => Assert.Null(chunk.RowIds));
    }

    [Fact]
    public async Task Train_Skipped_HasNoRows()
    {
        var request = Rows.Create(_id, RowUpdates.Lazy, new AdamConfig(), Initial, RowCount, Length);
        request.Optimizer.NonFinitePolicy = NonFinitePolicy.Skip;
        await _service.CreateAsync(request);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var weights = await SendAsync(stream, 1, [Rows.Chunk(0, 0, [1], [float.NaN, .. Values[1..Length]])]);
        var delta = await SendAsync(stream, Requests.Begin(2, ReplyKind.Delta), [Rows.Chunk(0, 0, [1], [float.NaN, .. Values[1..Length]])]);

        Assert.Equal((BatchOutcome.Skipped, 0, 0), (weights.Result.Outcome, weights.Chunks.Count, delta.Chunks.Count));
    }

    [Fact]
    public async Task Step_Rows_AreThoseOfTheStream()
    {
        var streamed = Requests.NewId();
        await CreateAsync(RowUpdates.Lazy);
        await CreateAsync(RowUpdates.Lazy, streamed);
        using var stream = await TrainClient.OpenAsync(_service, streamed);
        var gradient = Requests.Data(0, Values);
        gradient.RowIds = new RowIds { Ids = { Ids } };

        var unary = await _service.StepAsync(new StepRequest
        {
            Session = Requests.Ref(_id), WorkerId = "w", Begin = Requests.Begin(1), Gradients = { gradient },
        });
        var answer = await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 2));

        Assert.Equal(answer.Result.Metrics, unary.Result.Metrics);
        Assert.Equal([0L, 3, 7, 21, 49], unary.Reply[0].RowIds.Ids);
        Assert.Equal(answer.Chunks[0].Data, unary.Reply[0].Data);

        var twice = await Refusal.OfAsync(() => _service.StepAsync(new StepRequest
        {
            Session = Requests.Ref(_id), WorkerId = "w", Begin = Requests.Begin(2), Gradients = { gradient, gradient },
        }));
        twice.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
    }

    [Fact]
    public async Task OpenBatch_Rows_CanBeSentCallByCallAndTakenBack()
    {
        await CreateAsync(RowUpdates.Lazy);
        var begun = await _service.Training.BeginBatchAsync(
            new BeginBatchRequest { Session = Requests.Ref(_id), WorkerId = "w", Begin = Requests.Begin(1, ReplyKind.None) }, TestService.Call());
        async Task<ulong> StageAsync(params TensorChunk[] chunks) => (await _service.Training.StageChunksAsync(
            new StageChunksRequest { BatchToken = begun.BatchToken, Chunks = { chunks } }, TestService.Call())).MissingElements;

        Assert.Equal((ulong)Length, await StageAsync(Rows.Chunk(0, 1, Ids[1..3], Values.AsSpan(Length, 2 * Length))));
        await Refusal.OfAsync(() => StageAsync(Rows.Chunk(0, 0, [1], Values.AsSpan(0, Length)), Rows.Chunk(0, 3, [RowCount], Values.AsSpan(0, Length))));
        Assert.Equal(0ul, await StageAsync(Rows.Chunk(0, 0, Ids[..1], Values.AsSpan(0, Length)), Rows.Chunk(0, 3, Ids[3..], Values.AsSpan(3 * Length))));
        await _service.Training.CommitBatchAsync(new CommitBatchRequest { BatchToken = begun.BatchToken }, TestService.Call());

        var other = Requests.NewId();
        await CreateAsync(RowUpdates.Lazy, other);
        using var stream = await TrainClient.OpenAsync(_service, other);
        await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 8));
        var weights = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(await _service.ReadWeightsAsync(other), weights, "weights");
    }

    [Fact]
    public async Task Train_Digest_IsOverTheList()
    {
        await CreateAsync(RowUpdates.Lazy);
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var digest = new GradientDigest();
        digest.BeginRows(0, Ids);
        digest.Append(Values);
        var sum = digest.Finish();

        var wrong = await SendAsync(stream, Requests.Begin(1), Rows.Chunks(0, Ids, Values, 3), new BatchDigest { Crc32C = sum ^ 1 });
        var right = await SendAsync(stream, Requests.Begin(1), Rows.Chunks(0, Ids, Values, 3), new BatchDigest { Crc32C = sum });

        wrong.Refused().AssertIs(StatusCode.InvalidArgument, ErrorReason.DigestMismatch);
        Assert.Equal(BatchOutcome.Applied, right.Result.Outcome);
    }

    public static TheoryData<string, TensorChunk[]> Misfits => new()
    {
        { "expected rows 0 to 49 (shape [50, 24]), received row 50 at place 1", [Rows.Chunk(0, 0, [1, 50], new float[2 * Length])] },
        { "received row -1 at place 0", [Rows.Chunk(0, 0, [-1], new float[Length])] },
        { "expected at least one id in row_ids", [Rows.Chunk(0, 0, [], [])] },
        { "expected 192 bytes of data (2 rows of 24 float32 elements, shape [50, 24]), received 96 bytes", [Rows.Chunk(0, 0, [1, 2], new float[Length])] },
        { "expected each place of the list once", [Rows.Chunk(0, 0, [1, 2], new float[2 * Length]), Rows.Chunk(0, 1, [3], new float[Length])] },
        { "place 0 is the first that is missing", [Rows.Chunk(0, 1, [1], new float[Length])] },
        { "a gradient is dense or a list of rows", [Rows.Chunk(0, 0, [1], new float[Length]), Requests.Chunk(0, 0, [1])] },
        { "a gradient is dense or a list of rows", [Requests.Chunk(0, 0, [1]), Rows.Chunk(0, 0, [1], new float[Length])] },
        { "expected a list of at most 699050 rows", [Rows.Chunk(0, 699_050, [1], new float[Length])] },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task Train_ListThatDoesNotFit_IsRefusedAndChangesNothing(string expected, TensorChunk[] chunks)
    {
        ArgumentNullException.ThrowIfNull(chunks);
        foreach (var rowUpdates in new[] { RowUpdates.Lazy, RowUpdates.Dense })
        {
            var id = Requests.NewId();
            await CreateAsync(rowUpdates, id);
            using var stream = await TrainClient.OpenAsync(_service, id);

            var refused = (await SendAsync(stream, 1, chunks)).Refused();
            var good = await SendAsync(stream, 1, Rows.Chunks(0, Ids, Values, 3));

            Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
            Assert.Contains("embedding/embeddings", refused.Message, StringComparison.Ordinal);
            Assert.Equal(BatchOutcome.Applied, good.Result.Outcome);
        }
    }

    [Fact]
    public async Task Train_RowsOfAScalar_AreRefused()
    {
        await _service.CreateAsync(Rows.Create(_id, RowUpdates.Dense, new AdamConfig(), [1f]));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var refused = (await SendAsync(stream, 1, [Rows.Chunk(0, 0, [0], [1f])])).Refused();

        Assert.Contains("expected the dense gradient of a tensor of shape []", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_ManyMoreIdsThanBytes_IsRefused()
    {
        await CreateAsync(RowUpdates.Lazy);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var refused = (await SendAsync(stream, 1, [Rows.Chunk(0, 0, new long[100_000], new float[Length])])).Refused();

        refused.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
    }

    [Fact]
    public async Task Create_LazyRows_AreNotExactAndAreReported()
    {
        var session = await _service.CreateAsync(Rows.Create(_id, RowUpdates.Lazy, new AdamConfig(), Initial, RowCount, Length));

        Assert.False(session.KerasExact);
        Assert.Contains("Rows of 'embedding/embeddings' that a batch does not list stay as they are", session.KerasInexactReason, StringComparison.Ordinal);
        Assert.Equal("", session.KerasConfigJson);
        Assert.Equal(RowUpdates.Lazy, session.Tensors[0].RowUpdates);
        Assert.True(session.StateBytes >= (3 * RowCount * Length * sizeof(float)) + (RowCount * sizeof(int)));
    }

    public static TheoryData<string, string, Action<CreateSessionRequest>> Settingless => new()
    {
        { "optimizer.gradient_accumulation_steps", "has lazy rows", request => request.Optimizer.GradientAccumulationSteps = 2 },
        {
            "tensors[0].row_updates", "MaxNorm along axis 0",
            request => request.Tensors[0].Constraint = new Constraint { MaxNorm = new MaxNormConstraint() }
        },
        { "tensors[0].row_updates", "is not trainable", request => request.Tensors[0].Role = TensorRole.Frozen },
        {
            "tensors[0].row_updates", "lazy rows must fit into a chunk",
            request =>
            {
                request.Tensors[0].Shape[1] = 1 << 20;
                request.InitialValues.Clear();
            }
        },
    };

    [Theory]
    [MemberData(nameof(Settingless))]
    public async Task Create_LazyRowsWithWhatDoesNotGoTogether_IsRefused(string field, string expected, Action<CreateSessionRequest> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var request = Rows.Create(_id, RowUpdates.Lazy, new AdamConfig(), Initial, RowCount, Length);
        set(request);

        var refused = await Refusal.OfAsync(() => _service.CreateAsync(request));

        Assert.Contains(expected, refused.Message, StringComparison.Ordinal);
        Assert.Contains(field, refused.Fields);
    }

    [Fact]
    public async Task Write_RowSteps_AreTakenUpAndBadOnesRefused()
    {
        await CreateAsync(RowUpdates.Lazy);
        int[] steps = [.. Enumerable.Range(0, RowCount)];
        var chunk = new TensorChunk { Slot = Slot.RowSteps, Dtype = DType.Int32, Data = Bytes(steps) };

        await _service.WriteAsync(new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit(), chunk);
        steps[9] = -3;
        var refused = await Refusal.OfAsync(() => _service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit(), new TensorChunk { Slot = Slot.RowSteps, Data = Bytes(steps) }));

        Assert.Contains("row 9 has -3 updates", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(0, RowCount), Rows.Counts((await _service.ReadAsync(_id, Slot.RowSteps)).Chunks[0].Data));
    }

    private static Google.Protobuf.ByteString Bytes(int[] values) =>
        Google.Protobuf.ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));

    private static Task<Answer> SendAsync(TrainClient stream, ulong sequence, IEnumerable<TensorChunk> chunks) =>
        SendAsync(stream, Requests.Begin(sequence), chunks);

    private static async Task<Answer> SendAsync(TrainClient stream, BatchBegin begin, IEnumerable<TensorChunk> chunks, BatchDigest? digest = null)
    {
        await stream.BeginAsync(begin);
        foreach (var chunk in chunks)
        {
            await stream.ChunkAsync(chunk);
        }

        await stream.CommitAsync(new BatchCommit { Digest = digest });
        return await stream.ReadAnswerAsync();
    }

    private Task<V1.Session> CreateAsync(RowUpdates rowUpdates, string? id = null) =>
        _service.CreateAsync(Rows.Create(id ?? _id, rowUpdates, Settings, Initial, RowCount, Length));
}
