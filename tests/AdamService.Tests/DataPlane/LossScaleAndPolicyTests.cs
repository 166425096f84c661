using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Gradients that are not finite: a dynamic loss scale, and the policies.</summary>
public sealed class LossScaleAndPolicyTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = [1, 2, 3];
    private static readonly float[] Infinite = [1, float.PositiveInfinity, float.NaN];

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_DynamicScale_SkipsHalvesAndConsumesTheSequence()
    {
        using var stream = await OpenAsync(optimizer => optimizer.LossScale = Dynamic(8));

        var skipped = await stream.StepAsync(1, Infinite);

        Assert.Equal(8, stream.Opened.LossScale);
        Assert.Equal(BatchOutcome.Skipped, skipped.Result.Outcome);
        Assert.Equal((4.0, 2ul, 0u), (skipped.Result.Metrics.LossScale, skipped.Result.Metrics.NonFiniteCount, skipped.Result.Metrics.FirstNonFiniteTensor));
        Assert.Equal((2ul, 0L), (skipped.Result.Version, skipped.Result.Groups[0].Iterations));
        Bits.AssertSame(Initial, skipped.Tensor(0), "weights");
        var status = (await _service.GetAsync(_id)).LossScale;
        Assert.Equal((4f, 1ul), (status.Scale, status.SkippedSteps));
        Assert.Equal(BatchOutcome.Applied, (await stream.StepAsync(2, Initial)).Result.Outcome);
    }

    [Fact]
    public async Task Train_ScaleThatIsNoLongerTheSessions_IsStaleAndConsumesNothing()
    {
        using var stream = await OpenAsync(optimizer => optimizer.LossScale = Dynamic(8));
        var begin = Requests.Begin(1);
        begin.LossScaleUsed = 4;

        var stale = await stream.StepAsync(begin, Initial);
        begin.LossScaleUsed = 8;
        var applied = await stream.StepAsync(begin, Initial);

        Assert.Equal(BatchOutcome.StaleLossScale, stale.Result.Outcome);
        Assert.Equal((8.0, 1ul, ReplyKind.None), (stale.Result.Metrics.LossScale, stale.Result.Version, stale.Result.ReplyKind));
        Assert.Equal(BatchOutcome.Applied, applied.Result.Outcome);
    }

    [Fact]
    public async Task Train_PolicySkip_ChangesNoNumberAndConsumesTheSequence()
    {
        using var stream = await OpenAsync(optimizer => optimizer.NonFinitePolicy = NonFinitePolicy.Skip);

        var skipped = await stream.StepAsync(1, Infinite);

        Assert.Equal(BatchOutcome.Skipped, skipped.Result.Outcome);
        Assert.Equal((1ul, 0L), (skipped.Result.Version, skipped.Result.Groups[0].Iterations));
        Bits.AssertSame(Initial, skipped.Tensor(0), "weights");
        Assert.Equal(BatchOutcome.Duplicate, (await stream.StepAsync(1, Infinite)).Result.Outcome);
    }

    [Fact]
    public async Task Train_PolicyReject_RefusesAndConsumesNothing()
    {
        using var stream = await OpenAsync(optimizer => optimizer.NonFinitePolicy = NonFinitePolicy.Reject);

        var refused = (await stream.StepAsync(1, Infinite)).Refused();
        var applied = await stream.StepAsync(1, Initial);

        refused.AssertIs(StatusCode.InvalidArgument, ErrorReason.NonfiniteGradient);
        Assert.Equal("t0", refused.Metadata["tensor"]);
        Assert.Equal((BatchOutcome.Applied, 2ul), (applied.Result.Outcome, applied.Result.Version));
    }

    [Fact]
    public async Task CreateSession_DynamicScaleAndReject_IsRefused()
    {
        var request = Requests.Create(_id, Initial);
        request.Optimizer.LossScale = Dynamic(8);
        request.Optimizer.NonFinitePolicy = NonFinitePolicy.Reject;

        var refusal = await Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));

        Assert.Equal(["optimizer.non_finite_policy"], refusal.Fields);
    }

    [Fact]
    public async Task Train_SuppliedRate_IsNeededAndUsed()
    {
        using var stream = await OpenAsync(
            optimizer => optimizer.Groups[0].LearningRate = new LearningRate { Supplied = new SuppliedLearningRate() });
        var begin = Requests.Begin(1);

        var refused = (await stream.StepAsync(begin, Initial)).Refused();
        begin.Overrides = new StepOverrides { LearningRate = 9, Groups = { new GroupOverrides { Group = 0, LearningRate = 0.25 } } };
        var applied = await stream.StepAsync(begin, Initial);
        begin.Sequence = 2;
        begin.Overrides.Groups.Add(new GroupOverrides { Group = 1 });
        var wrongGroup = (await stream.StepAsync(begin, Initial)).Refused();

        refused.AssertIs(StatusCode.FailedPrecondition, ErrorReason.LearningRateMissing);
        Assert.True(float.IsNaN((await _service.GetAsync(_id)).Groups[0].LearningRate));
        var replica = new Replica(new Engine.AdamOptions { LearningRate = Engine.LearningRate.Constant(0.25) }, Initial).Apply(Initial);
        Bits.AssertSame(replica.Weights(), applied.Tensor(0), "weights");
        Assert.Equal(0.25f, applied.Result.Metrics.LearningRate);
        Assert.True(applied.Result.Metrics.UpdateNorm > 0);
        Assert.Equal(["begin.overrides.groups"], wrongGroup.Fields);
    }

    private static LossScale Dynamic(double initial) => new() { Dynamic = new DynamicLossScale { InitialScale = initial } };

    private async Task<TrainClient> OpenAsync(Action<OptimizerConfig> set)
    {
        var request = Requests.Create(_id, Initial);
        set(request.Optimizer);
        await _service.CreateAsync(request);
        return await TrainClient.OpenAsync(_service, _id);
    }
}
