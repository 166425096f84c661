using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>The order of the messages of a Train stream.</summary>
public sealed class TrainProtocolTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);
    private static readonly float[] Gradient = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<TrainRequest> NotOpen =>
    [
        new TrainRequest(),
        new TrainRequest { Begin = Requests.Begin(1) },
        new TrainRequest { Commit = new BatchCommit() },
    ];

    public static TheoryData<TrainRequest> OutOfPlace =>
    [
        new TrainRequest(),
        new TrainRequest { Open = new TrainOpen() },
        new TrainRequest { Chunk = Requests.Chunk(0, 0, [1]) },
        new TrainRequest { Commit = new BatchCommit() },
    ];

    [Theory]
    [MemberData(nameof(NotOpen))]
    public async Task Train_FirstMessageIsNotOpen_IsAViolation(TrainRequest message)
    {
        using var stream = TrainClient.Start(_service);

        await stream.SendAsync(message);

        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.InvalidArgument, ErrorReason.ProtocolViolation);
    }

    [Fact]
    public async Task Train_NothingAtAll_IsAViolation()
    {
        using var stream = TrainClient.Start(_service);

        await stream.CompleteAsync();

        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.InvalidArgument, ErrorReason.ProtocolViolation);
    }

    [Theory]
    [MemberData(nameof(OutOfPlace))]
    public async Task Train_MessageOutOfPlace_EndsTheStreamAfterTheAnswers(TrainRequest message)
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.SendBatchAsync(1, Gradient);
        await stream.SendAsync(message);

        Assert.Equal(BatchOutcome.Applied, (await stream.ReadAnswerAsync()).Result.Outcome);
        (await stream.ReadRefusalAsync()).AssertIs(StatusCode.InvalidArgument, ErrorReason.ProtocolViolation);
    }

    [Fact]
    public async Task Train_BeginAgain_DropsTheOlderBatch()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, new float[6]));
        var answer = await stream.StepAsync(1, Gradient);

        Bits.AssertSame(new Replica(Initial).Apply(Gradient).Weights(), answer.Tensor(0), "t0");
        Assert.Equal(1, (await _service.GetAsync(_id)).Groups[0].Iterations);
    }

    [Fact]
    public async Task Train_BeginAgainAfterABadChunk_ForgetsTheRefusal()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, new float[7]));
        var answer = await stream.StepAsync(1, Gradient);

        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
    }

    [Fact]
    public async Task Train_EndWithoutCommit_LeavesNoTrace()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Gradient));
        await stream.CloseAsync();

        var session = await _service.GetAsync(_id);
        Assert.Equal((1ul, 0L), (session.Version, session.Groups[0].Iterations));

        // A worker that never trained is forgotten when it leaves.
        Assert.Empty(session.Workers);
        var weights = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(Initial, weights, "t0");
    }

    [Fact]
    public async Task Train_ManyBatchesBeforeTheFirstAnswerIsRead_AreAllAnsweredInOrder()
    {
        const int Batches = 40;
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        Assert.True(stream.Opened.Credits < Batches);

        for (var sequence = 1ul; sequence <= Batches; sequence++)
        {
            await stream.SendBatchAsync(sequence, Gradient);
        }

        await stream.CompleteAsync();
        var replica = new Replica(Initial);
        for (var sequence = 1ul; sequence <= Batches; sequence++)
        {
            var answer = await stream.ReadAnswerAsync();
            Assert.Equal((sequence, sequence + 1), (answer.Result.Sequence, answer.Result.Version));
            Bits.AssertSame(replica.Apply(Gradient).Weights(), answer.Tensor(0), $"t0 after batch {sequence}");
        }
    }
}
