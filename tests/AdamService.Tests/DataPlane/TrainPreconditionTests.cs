using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>What a batch must find in its session.</summary>
public sealed class TrainPreconditionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);
    private static readonly float[] Gradient = Floats.Random(6, 2);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_TensorsWithoutValues_AreNamed()
    {
        var request = Requests.Create(_id, Initial, Initial, Initial);
        request.InitialValues.RemoveAt(2);
        request.InitialValues.RemoveAt(0);
        var session = await _service.CreateAsync(request);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var refusal = (await stream.StepAsync(1, Gradient, Gradient, Gradient)).Refused();
        var written = await _service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit(), Requests.Chunk(0, 0, Initial), Requests.Chunk(2, 0, Initial));
        var answer = await stream.StepAsync(1, Gradient, Gradient, Gradient);

        Assert.Equal(SessionState.Created, session.State);
        Assert.Equal([0u, 2u], session.UninitializedTensors);
        refusal.AssertIs(StatusCode.FailedPrecondition, ErrorReason.NotInitialized);
        Assert.Equal("t0,t2", refusal.Metadata["tensors"]);
        Assert.Equal(SessionState.Ready, written.State);
        Assert.Equal(BatchOutcome.Applied, answer.Result.Outcome);
    }

    [Fact]
    public async Task Train_BaseVersionAhead_IsRejected()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var begin = Requests.Begin(1);
        begin.BaseVersion = 2;

        var refusal = (await stream.StepAsync(begin, Gradient)).Refused();

        refusal.AssertIs(StatusCode.FailedPrecondition, ErrorReason.BaseVersionAhead);
        Assert.Equal("1", refusal.Metadata["version"]);
    }

    [Fact]
    public async Task Train_BaseVersionBehind_IsReportedAsStaleness()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        await stream.StepAsync(1, Gradient);
        await stream.StepAsync(2, Gradient);
        var begin = Requests.Begin(3);
        begin.BaseVersion = 1;

        var stale = await stream.StepAsync(begin, Gradient);
        var unknown = await stream.StepAsync(4, Gradient);

        Assert.Equal(2ul, stale.Result.Metrics.Staleness);
        Assert.False(unknown.Result.Metrics.HasStaleness);
    }

    [Fact]
    public async Task Train_Metrics_TellNormAndNonFiniteElements()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial, Initial));
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var finite = await stream.StepAsync(1, [3, 0, 0, 0, 0, 0], [0, 4, 0, 0, 0, 0]);
        var broken = await stream.StepAsync(2, Gradient, [float.NaN, float.PositiveInfinity, 0, 0, 0, 0]);

        Assert.Equal((5.0, 0ul, false), (finite.Result.Metrics.GradientNorm, finite.Result.Metrics.NonFiniteCount, finite.Result.Metrics.HasFirstNonFiniteTensor));
        Assert.Equal((2ul, 1u), (broken.Result.Metrics.NonFiniteCount, broken.Result.Metrics.FirstNonFiniteTensor));
        Assert.Equal(1.0, finite.Result.Metrics.LossScale);
    }

    [Fact]
    public async Task Train_IterationLimit_IsRejectedAndNothingChanges()
    {
        await _service.CreateAsync(Requests.Create(_id, Initial));
        await _service.WriteAsync(new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit { Iterations = int.MaxValue });
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var answer = await stream.StepAsync(1, Gradient);

        answer.Refused().AssertIs(StatusCode.OutOfRange, ErrorReason.IterationLimit);
        Assert.Equal(2ul, answer.Result.Version);
        var weights = await _service.ReadWeightsAsync(_id);
        Bits.AssertSame(Initial, weights, "t0");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Train_StaleReference_IsRefused(bool uid)
    {
        var session = await _service.CreateAsync(Requests.Create(_id, Initial));
        var reference = uid
            ? new SessionRef { SessionId = _id, SessionUid = ByteString.CopyFrom(new byte[16]) }
            : new SessionRef { SessionId = _id, SessionUid = session.SessionUid, ExpectedGeneration = 7 };

        var refusal = await Refusal.OfAsync(
            () => TrainClient.OpenAsync(_service, new TrainOpen { Session = reference, WorkerId = "w" }));

        if (uid)
        {
            refusal.AssertIs(StatusCode.NotFound, ErrorReason.SessionReplaced);
        }
        else
        {
            refusal.AssertIs(StatusCode.Aborted, ErrorReason.GenerationChanged);
            Assert.Equal(("1", "1"), (refusal.Metadata["generation"], refusal.Metadata["version"]));
        }
    }

    [Fact]
    public async Task Step_RepliesThatDoNotFitIntoAMessage_AreRefusedBeforeTheStep()
    {
        // 4.8 MB of weights: more than the largest message, while the gradient of the small tensor fits easily.
        var request = new CreateSessionRequest
        {
            SessionId = _id,
            Tensors = { new TensorSpec { Name = "big", Shape = { 1_200_000 } }, new TensorSpec { Name = "small", Shape = { 6 } } },
            InitialValues = { Requests.Data(1, Initial) },
        };
        await _service.CreateAsync(request);
        await _service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit(), [.. Requests.Chunks(0, new float[1_200_000], 200_000)]);
        var step = new StepRequest
        {
            Session = Requests.Ref(_id),
            WorkerId = "w",
            Begin = new BatchBegin { Sequence = 1 },
            Gradients = { Requests.Data(1, Gradient) },
        };

        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => _service.StepAsync(step));
        step.Begin.Reply = new ReplySpec { Tensors = Requests.Indexes(1) };
        var applied = await _service.StepAsync(step);

        Assert.Equal("Limits:MessageBytesMax", refusal.Metadata["option"]);
        Assert.Equal(1, applied.Result.Groups[0].Iterations);
    }
}
