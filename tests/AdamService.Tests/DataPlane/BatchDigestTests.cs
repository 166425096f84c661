using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>A batch that carries the digest of its gradients.</summary>
public sealed class BatchDigestTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] First = Floats.Random(5000, 1);
    private static readonly float[] Second = Floats.Random(20, 2);
    private static readonly float[] FirstGradient = Floats.Random(5000, 3);
    private static readonly float[] SecondGradient = Floats.Random(20, 4);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_RightDigest_IsAppliedHoweverItIsCut()
    {
        using var stream = await OpenAsync();
        var chunks = Requests.Chunks(1, SecondGradient, 7).Concat(Requests.Chunks(0, FirstGradient, 1001).Reverse());

        var answer = await SendAsync(stream, 1, chunks, Digest((0, FirstGradient), (1, SecondGradient)));

        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
        Assert.Equal(Digest((0, FirstGradient), (1, SecondGradient)), answer.Result.Digest);
        Bits.AssertSame(new Replica(First, Second).Apply(FirstGradient, SecondGradient).Weights(), answer.Tensor(0), "weights");
    }

    [Theory]
    [InlineData(DType.Float16)]
    [InlineData(DType.Bfloat16)]
    [InlineData(DType.Float64)]
    [InlineData(DType.Int8Blocks)]
    public async Task Train_OtherEncodings_HaveTheDigestOfTheirNumbers(DType dtype)
    {
        using var stream = await OpenAsync();
        var sent = Encoded.Of(dtype, FirstGradient);

        var answer = await SendAsync(
            stream,
            1,
            [Encoded.Chunk(dtype, 0, 0, FirstGradient), Requests.Chunk(1, 0, SecondGradient)],
            Digest((0, sent.Values), (1, SecondGradient)));

        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
    }

    [Fact]
    public async Task Train_WrongDigest_IsRefusedAndChangesNothing()
    {
        using var stream = await OpenAsync();
        var right = Digest((0, FirstGradient), (1, SecondGradient));

        var refused = (await SendAsync(stream, 1, Chunks(), new BatchDigest { Crc32C = right.Crc32C ^ 1 })).Refused();
        var weights = await _service.ReadWeightsAsync(_id);
        var again = await SendAsync(stream, 1, Chunks(), right);

        refused.AssertIs(StatusCode.InvalidArgument, ErrorReason.DigestMismatch);
        Assert.Equal($"0x{right.Crc32C ^ 1:X8}", refused.Metadata["expected"]);
        Assert.Equal($"0x{right.Crc32C:X8}", refused.Metadata["received"]);
        Bits.AssertSame(First, weights, "weights");
        Assert.Equal(BatchOutcome.Applied, again.Result.Outcome);
    }

    [Fact]
    public async Task Train_ListedInAnotherOrder_HasTheDigestOfThatOrder()
    {
        using var stream = await OpenAsync();
        var begin = new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(1, 0) };

        var answer = await SendAsync(stream, begin, Chunks(), Digest((1, SecondGradient), (0, FirstGradient)));

        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
    }

    [Fact]
    public async Task Train_RepeatWithAnotherDigest_IsRefusedWithBoth()
    {
        using var stream = await OpenAsync();
        var first = Digest((0, FirstGradient), (1, SecondGradient));
        var other = Digest((0, First), (1, Second));
        await SendAsync(stream, 1, Chunks(), first);
        var weights = await _service.ReadWeightsAsync(_id);

        var refused = (await SendAsync(stream, 1, [Requests.Chunk(0, 0, First), Requests.Chunk(1, 0, Second)], other)).Refused();
        var repeat = await SendAsync(stream, 1, Chunks(), first);
        var without = await SendAsync(stream, 1, Chunks(), null);

        refused.AssertIs(StatusCode.AlreadyExists, ErrorReason.BatchDiffers);
        Assert.Equal($"0x{first.Crc32C:X8}", refused.Metadata["expected"]);
        Assert.Equal($"0x{other.Crc32C:X8}", refused.Metadata["received"]);
        Assert.Equal(BatchOutcome.Duplicate, repeat.Result.Outcome);
        Assert.Equal(BatchOutcome.Duplicate, without.Result.Outcome);
        var after = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(weights, after, "weights");
    }

    [Fact]
    public async Task GetBatchResult_BatchWithDigest_HasItToo()
    {
        using var stream = await OpenAsync();
        var digest = Digest((0, FirstGradient), (1, SecondGradient));
        await SendAsync(stream, 1, Chunks(), digest);

        var response = await _service.Training.GetBatchResultAsync(
            new GetBatchResultRequest { Session = Requests.Ref(_id), WorkerId = "w", Sequence = 1 }, TestService.Call());

        Assert.Equal(digest, response.Result.Digest);
    }

    [Fact]
    public async Task Step_WrongDigest_IsAFailedCall()
    {
        await _service.CreateAsync(Requests.Create(_id, Second));
        var request = Requests.Step(_id, "w", Requests.Begin(1), SecondGradient);
        request.Commit = new BatchCommit { Digest = new BatchDigest() };

        await Refusal.OfAsync(StatusCode.InvalidArgument, ErrorReason.DigestMismatch, () => _service.StepAsync(request));
        request.Commit.Digest = Digest((0, SecondGradient));

        Assert.Equal(BatchOutcome.Applied, (await _service.StepAsync(request)).Result.Outcome);
    }

    private static BatchDigest Digest(params (uint Tensor, float[] Values)[] gradients)
    {
        var digest = new GradientDigest();
        foreach (var (tensor, values) in gradients)
        {
            digest.BeginTensor(tensor, (ulong)values.Length);
            digest.Append(values);
        }

        return new BatchDigest { Crc32C = digest.Finish() };
    }

    private static IEnumerable<TensorChunk> Chunks() => [Requests.Chunk(0, 0, FirstGradient), Requests.Chunk(1, 0, SecondGradient)];

    private static Task<Answer> SendAsync(TrainClient stream, ulong sequence, IEnumerable<TensorChunk> chunks, BatchDigest? digest) =>
        SendAsync(stream, Requests.Begin(sequence), chunks, digest);

    private static async Task<Answer> SendAsync(TrainClient stream, BatchBegin begin, IEnumerable<TensorChunk> chunks, BatchDigest? digest)
    {
        await stream.BeginAsync(begin);
        foreach (var chunk in chunks)
        {
            await stream.ChunkAsync(chunk);
        }

        await stream.CommitAsync(new BatchCommit { Digest = digest });
        return await stream.ReadAnswerAsync();
    }

    private async Task<TrainClient> OpenAsync()
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));
        return await TrainClient.OpenAsync(_service, _id);
    }
}
