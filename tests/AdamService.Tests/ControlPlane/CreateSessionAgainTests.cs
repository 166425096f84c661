using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Creation is idempotent: which requests are the same, and what is said of those that are not.</summary>
public sealed class CreateSessionAgainTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Initial = Floats.Random(6, 1);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<string, Action<CreateSessionRequest>> Differences => new()
    {
        { "optimizer.groups[0].beta_1", request => request.Optimizer.Groups[0].Beta1 = 0.8 },
        { "optimizer.groups[0].weight_decay", request => request.Optimizer.Groups[0].WeightDecay = 0 },
        { "optimizer.groups[0].learning_rate.value", request => request.Optimizer.Groups[0].LearningRate = new LearningRate { Value = 1 } },
        { "optimizer.groups[0].exclude_from_weight_decay", request => request.Optimizer.Groups[0].ExcludeFromWeightDecay.Add("bias") },
        { "optimizer.gradient_accumulation_steps", request => request.Optimizer.GradientAccumulationSteps = 2 },
        { "optimizer.loss_scale", request => request.Optimizer.LossScale = new LossScale { StaticFactor = 2 } },
        { "tensors[1].name", request => request.Tensors[1].Name = "other" },
        { "tensors[1].exclude_from_weight_decay", request => request.Tensors[1].ExcludeFromWeightDecay = true },
        { "tensors[0].shape", request => request.Tensors[0].Shape.Insert(0, 1) },
        { "tensors", request => request.Tensors.Add(new TensorSpec { Name = "third" }) },
        { "initial_values[1].data", request => request.InitialValues[1].Data = Floats.ToBytes(new float[6]) },
        { "initial_values", request => request.InitialValues.RemoveAt(1) },
        { "limits.workers_max", request => request.Limits = new SessionLimits { WorkersMax = 256 } },
        { "limits.queued_batches_max", request => request.Limits = new SessionLimits { QueuedBatchesMax = 16 } },
        { "limits.idle_timeout", request => request.Limits = new SessionLimits { IdleTimeout = new Duration { Seconds = 1000 } } },
        { "labels[team]", request => request.Labels["team"] = "audio" },
        { "labels[added]", request => request.Labels["added"] = "" },
    };

    [Fact]
    public async Task CreateSession_SameRequest_ReturnsTheSessionAsItIsNow()
    {
        await using var service = await TestService.StartAsync();
        var request = Requests.Create("s", Initial);
        var created = await service.CreateAsync(request);
        await service.StepAsync(Requests.Step("s", "w", Requests.Begin(1), Initial));

        var again = await service.Sessions.CreateSessionAsync(request, TestService.Call());

        Assert.False(again.Created);
        Assert.Equal((created.SessionUid, 2ul), (again.Session.SessionUid, again.Session.Version));
        Assert.Equal((long)created.StateBytes, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task CreateSession_AtTheSameTime_IsCreatedOnce()
    {
        await using var service = await TestService.StartAsync();
        var request = Requests.Create("s", Initial);

        var responses = await Task.WhenAll(
            Enumerable.Range(0, 16).Select(_ => service.Sessions.CreateSessionAsync(request, TestService.Call()).ResponseAsync));

        var created = Assert.Single(responses, response => response.Created);
        Assert.Single(responses.Select(response => response.Session.SessionUid).Distinct());
        Assert.Equal((long)created.Session.StateBytes, service.Memory.ReservedBytes);
    }

    [Fact]
    public async Task CreateSession_ExplicitDefaultsAndOtherOrder_AreTheSameRequest()
    {
        var leftOut = Requests.Create(_id, Initial, Initial);
        leftOut.Optimizer = null;
        leftOut.Limits = new SessionLimits();
        leftOut.Labels.Add("a", "1");
        leftOut.Labels.Add("b", "2");
        await _service.CreateAsync(leftOut);
        var settings = new AdamConfig
        {
            LearningRate = new LearningRate { Value = 0.001 },
            Beta1 = 0.9,
            Beta2 = 0.999,
            Epsilon = 1e-7,
            Amsgrad = false,
            UseEma = false,
            EmaMomentum = 0.99,
            EmaOverwriteFrequency = 0,
        };
        var spelledOut = Requests.Create(_id, settings, Initial, Initial);
        spelledOut.Optimizer.GradientAccumulationSteps = 0;
        spelledOut.Optimizer.UpdateRule = UpdateRule.KerasAdam;
        spelledOut.Optimizer.NonFinitePolicy = NonFinitePolicy.Propagate;
        spelledOut.Optimizer.ClipScope = ClipScope.Group;
        spelledOut.Labels.Add("b", "2");
        spelledOut.Labels.Add("a", "1");
        spelledOut.Durability = new V1.Durability { Tier = DurabilityTier.Memory };
        foreach (var tensor in spelledOut.Tensors)
        {
            (tensor.Dtype, tensor.GradientDtype, tensor.Role) = (DType.Float32, DType.Float32, TensorRole.Trainable);
        }

        foreach (var value in spelledOut.InitialValues)
        {
            (value.Slot, value.Dtype) = (Slot.Weights, DType.Float32);
        }

        List<TensorData> backwards = [.. spelledOut.InitialValues.Reverse()];
        spelledOut.InitialValues.Clear();
        spelledOut.InitialValues.Add(backwards);

        Assert.False((await _service.Sessions.CreateSessionAsync(spelledOut, TestService.Call())).Created);
    }

    [Theory]
    [MemberData(nameof(Differences))]
    public async Task CreateSession_OneDifference_IsNamed(string field, Action<CreateSessionRequest> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        var request = Requests.Create(_id, Initial, Initial);
        request.Labels["team"] = "vision";
        await _service.CreateAsync(request);
        change(request);

        var refusal = await Refusal.OfAsync(
            StatusCode.AlreadyExists,
            ErrorReason.SessionExists,
            async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));

        Assert.Equal([field], refusal.Fields);
    }

    [Fact]
    public async Task CreateSession_ManyDifferences_AreAllNamedInTheOrderOfTheContract()
    {
        var request = Requests.Create(_id, Initial, Initial);
        await _service.CreateAsync(request);
        request.Labels["a"] = "1";
        request.Tensors[0].Name = "kernel";
        request.Optimizer.Groups[0].Amsgrad = true;
        request.Optimizer.Groups[0].Epsilon = 1;

        var refusal = await Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));

        Assert.Equal(["optimizer.groups[0].epsilon", "optimizer.groups[0].amsgrad", "tensors[0].name", "labels[a]"], refusal.Fields);
    }
}
