using Adam.Engine;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.DataPlane;

/// <summary>Several groups under one commit, frozen tensors and buffers.</summary>
public sealed class GroupTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] First = Floats.Random(9, 1);
    private static readonly float[] Second = Floats.Random(5, 2);
    private static readonly float[] FirstGradient = Floats.Random(9, 3);
    private static readonly float[] SecondGradient = Floats.Random(5, 4);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task Train_TwoGroups_AreTwoKerasAdams()
    {
        await CreateAsync();
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var one = new Replica(new AdamOptions { LearningRate = Engine.LearningRate.Constant(0.1), GlobalClipNorm = 0.5 }, First);
        var two = new Replica(new AdamOptions { AmsGrad = true, GlobalClipNorm = 0.25 }, Second);

        await stream.StepAsync(1, FirstGradient, SecondGradient);
        var answer = await stream.StepAsync(2, FirstGradient, SecondGradient);
        one.Apply(FirstGradient).Apply(FirstGradient);
        two.Apply(SecondGradient).Apply(SecondGradient);

        Bits.AssertSame(one.Weights(), answer.Tensor(0), "group 0");
        Bits.AssertSame(two.Weights(), answer.Tensor(1), "group 1");
        Assert.Equal([2L, 2L], answer.Result.Groups.Select(group => group.Iterations));
    }

    [Fact]
    public async Task Train_BatchWithoutAGroup_LeavesItWhereItWas()
    {
        await CreateAsync();
        using var stream = await TrainClient.OpenAsync(_service, _id);
        var begin = Requests.Begin(1);
        begin.ListedTensors = Requests.Indexes(1);

        await stream.BeginAsync(begin);
        await stream.ChunkAsync(Requests.Chunk(1, 0, SecondGradient));
        await stream.CommitAsync();
        var answer = await stream.ReadAnswerAsync();

        Assert.Equal([0L, 1L], answer.Result.Groups.Select(group => group.Iterations));
        Bits.AssertSame(First, answer.Tensor(0), "group 0");
    }

    [Fact]
    public async Task ReadTensors_SlotOfOneGroup_SendsTheTensorsThatHaveIt()
    {
        await CreateAsync();

        var read = await _service.ReadAsync(_id, Slot.MaxSecondMoment);
        var request = new ReadTensorsRequest
        {
            Session = Requests.Ref(_id),
            Slots = { Slot.MaxSecondMoment },
            Tensors = Requests.Indexes(0),
        };
        var refusal = await Refusal.OfAsync(() => _service.ReadAsync(request));

        Assert.Equal([1u], read.Chunks.Select(chunk => chunk.TensorIndex).Distinct());
        Assert.Equal(["slots"], refusal.Fields);
        Assert.Contains("'t0'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UpdateSession_RateOfTheSecondGroup_IsItsAlone()
    {
        await CreateAsync();
        var request = new UpdateSessionRequest
        {
            Session = Requests.Ref(_id),
            Update = new SessionUpdate { LearningRate = new V1.LearningRate { Value = 0.5 }, Group = 1 },
            UpdateMask = new Google.Protobuf.WellKnownTypes.FieldMask { Paths = { "learning_rate" } },
        };

        var session = (await _service.Sessions.UpdateSessionAsync(request, TestService.Call())).Session;
        request.Update.Group = 2;
        var refusal = await Refusal.OfAsync(async () => await _service.Sessions.UpdateSessionAsync(request, TestService.Call()));

        Assert.Equal([0.1f, 0.5f], session.Groups.Select(group => group.LearningRate));
        Assert.Equal(["update.group"], refusal.Fields);
    }

    [Fact]
    public async Task WriteTensors_GroupIterations_AreSetByGroup()
    {
        var version = (await CreateAsync()).Version;

        await _service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(_id), IfVersion = version },
            new WriteCommit { Iterations = 7, GroupIterations = { [1] = 3 } });
        var refusal = await Refusal.OfAsync(() => _service.WriteAsync(
            new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit { Iterations = 9, GroupIterations = { [2] = 3 } }));

        Assert.Equal([7L, 3L], (await _service.GetAsync(_id)).Groups.Select(group => group.Iterations));
        Assert.Equal(["commit.group_iterations"], refusal.Fields);
    }

    [Fact]
    public async Task Train_FrozenAndBuffer_TravelWithTheWeightsAndTakeNoGradient()
    {
        var request = Requests.Create(_id, First, Second, [7f]);
        request.Tensors[1].Role = TensorRole.Frozen;
        request.Tensors[2].Role = TensorRole.Buffer;
        await _service.CreateAsync(request);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        var all = await stream.StepAsync(1, FirstGradient);
        var begin = Requests.Begin(2);
        begin.ListedTensors = Requests.Indexes(0, 1);
        var refused = (await stream.StepAsync(begin, FirstGradient, SecondGradient)).Refused();

        Assert.Equal([0u, 1u, 2u], all.Order);
        Bits.AssertSame(new Replica(First).Apply(FirstGradient).Weights(), all.Tensor(0), "trainable");
        Bits.AssertSame(Second, all.Tensor(1), "frozen");
        Assert.Equal([7f], all.Tensor(2));
        refused.AssertIs(StatusCode.InvalidArgument, ErrorReason.TensorMismatch);
        Assert.Equal("t1", refused.Metadata["tensor"]);
    }

    [Fact]
    public async Task Train_OnlyFrozenTensors_AreNothingToTrain()
    {
        var request = Requests.Create(_id, First);
        request.Tensors[0].Role = TensorRole.Frozen;
        await _service.CreateAsync(request);
        using var stream = await TrainClient.OpenAsync(_service, _id);

        Assert.Equal(["begin.all_tensors"], (await stream.StepAsync(Requests.Begin(1))).Refused().Fields);
    }

    [Fact]
    public async Task CreateSession_Aliases_AreReportedAndMeanOneTensorEach()
    {
        var request = Requests.Create(_id, First, Second);
        request.Tensors[0].Aliases.Add("tied");

        var session = await _service.CreateAsync(request);
        request.SessionId = Requests.NewId();
        request.Tensors[1].Aliases.Add(["tied", "t0", ""]);
        var refusal = await Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));

        Assert.Equal(["tied"], session.Tensors[0].Aliases);
        Assert.Equal(["tensors[1].aliases", "tensors[1].aliases", "tensors[1].aliases"], refusal.Fields);
    }

    private async Task<V1.Session> CreateAsync()
    {
        var request = Requests.Create(_id, First, Second);
        request.Optimizer = new OptimizerConfig
        {
            Groups =
            {
                new AdamConfig { LearningRate = new V1.LearningRate { Value = 0.1 }, GlobalClipnorm = 0.5 },
                new AdamConfig { Amsgrad = true, GlobalClipnorm = 0.25 },
            },
        };
        request.Tensors[1].Group = 1;
        return await _service.CreateAsync(request);
    }
}
