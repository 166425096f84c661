using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>How the gradients of a batch may be cut up, and how not.</summary>
public sealed class TrainChunksTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] First = Floats.Random(37, 1);
    private static readonly float[] Second = Floats.Random(20, 2);
    private static readonly float[] FirstGradient = Floats.Random(37, 3);
    private static readonly float[] SecondGradient = Floats.Random(20, 4);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<string, int> Arrivals => new()
    {
        { "forwards", 1 },
        { "forwards", 5 },
        { "backwards", 1 },
        { "backwards", 8 },
        { "interleaved", 1 },
        { "interleaved", 3 },
        { "shuffled", 1 },
        { "shuffled", 4 },
    };

    [Theory]
    [MemberData(nameof(Arrivals))]
    public async Task Train_ChunksInAnyOrder_AppliesTheSameStep(string order, int elements)
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var chunks = Arrange(order, [.. Requests.Chunks(0, FirstGradient, elements)], [.. Requests.Chunks(1, SecondGradient, elements)]);

        await stream.BeginAsync(Requests.Begin(1));
        foreach (var chunk in chunks)
        {
            await stream.ChunkAsync(chunk);
        }

        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        var expected = new Replica(First, Second).Apply(FirstGradient, SecondGradient);
        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
        Bits.AssertSame(expected.Weights(0), answer.Tensor(0), "t0");
        Bits.AssertSame(expected.Weights(1), answer.Tensor(1), "t1");
    }

    [Fact]
    public async Task Train_ChunkWithoutData_IsFine()
    {
        await _service.CreateAsync(Requests.Create(_id, First));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 37, []));
        await stream.ChunkAsync(Requests.Chunk(0, 0, FirstGradient));
        await stream.CommitAsync();

        Assert.Equal(BatchOutcome.Applied, (await stream.ReadAnswerAsync()).Result.Outcome);
    }

    [Theory]
    [InlineData(0, 5, 33, "elements within 0 to 37 (shape [37])")]
    [InlineData(0, 38, 0, "elements within 0 to 37 (shape [37])")]
    [InlineData(0, 0, 38, "elements within 0 to 37 (shape [37])")]
    [InlineData(0, 3, 1, "each element once")]
    public async Task Train_ChunkThatDoesNotFit_IsRejectedWithWhatWasExpected(int tensor, int offset, int length, string expected)
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 2, new float[3]));
        await stream.ChunkAsync(Requests.Chunk(tensor, offset, new float[length]));
        await stream.CommitAsync();
        var refusal = (await stream.ReadAnswerAsync()).Refused();

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
        Assert.Equal("t0", refusal.Metadata["tensor"]);
        Assert.Equal(expected, refusal.Metadata["expected"]);
    }

    [Fact]
    public async Task Train_OffsetBeyondEveryTensor_IsRejected()
    {
        await _service.CreateAsync(Requests.Create(_id, First));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(new TensorChunk { Offset = ulong.MaxValue, Data = Floats.ToBytes([1]) });
        await stream.CommitAsync();
        var refusal = (await stream.ReadAnswerAsync()).Refused();

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
        Assert.Equal("elements 18446744073709551615 to 18446744073709551616", refusal.Metadata["received"]);
    }

    [Fact]
    public async Task Train_DataThatEndsWithinAnElement_IsRejected()
    {
        await _service.CreateAsync(Requests.Create(_id, First));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(new TensorChunk { Data = Google.Protobuf.ByteString.CopyFrom(1, 2, 3) });
        await stream.CommitAsync();

        (await stream.ReadAnswerAsync()).Refused().AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
    }

    [Fact]
    public async Task Train_MissingElements_IsRejectedWithTheFirstOfThem()
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, FirstGradient));
        await stream.ChunkAsync(Requests.Chunk(1, 0, SecondGradient.AsSpan(0, 7)));
        await stream.ChunkAsync(Requests.Chunk(1, 8, SecondGradient.AsSpan(8)));
        await stream.CommitAsync();
        var refusal = (await stream.ReadAnswerAsync()).Refused();

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorIncomplete);
        Assert.Equal("t1", refusal.Metadata["tensor"]);
        Assert.Contains("19 of 20 elements came, element 7 is the first that is missing", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Train_TensorThatIsNotListed_IsRejected()
    {
        await _service.CreateAsync(Requests.Create(_id, First, Second));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(new BatchBegin { Sequence = 1, ListedTensors = Requests.Indexes(0) });
        await stream.ChunkAsync(Requests.Chunk(1, 0, SecondGradient));
        await stream.CommitAsync();
        var refusal = (await stream.ReadAnswerAsync()).Refused();

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
        Assert.Equal("t1", refusal.Metadata["tensor"]);
    }

    private static IEnumerable<TensorChunk> Arrange(string order, TensorChunk[] first, TensorChunk[] second) => order switch
    {
        "forwards" => [.. first, .. second],
        "backwards" => ((TensorChunk[])[.. first, .. second]).Reverse(),
        "interleaved" => Enumerable.Range(0, Math.Max(first.Length, second.Length))
            .SelectMany(i => first.Skip(i).Take(1).Concat(second.Skip(i).Take(1))),
        "shuffled" => ((TensorChunk[])[.. first, .. second]).OrderBy(chunk => ((chunk.Offset * 31) + (chunk.TensorIndex * 17)) % 23),
        _ => throw new ArgumentOutOfRangeException(nameof(order)),
    };
}
