using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Settings that the contract has and this build does not are refused by name, never ignored.</summary>
public sealed class NotImplementedFieldTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;

    public static TheoryData<string, Action<CreateSessionRequest>> Fields => new()
    {
        { "limits", request => request.Limits = new SessionLimits() },
        { "durability.tier = DURABILITY_TIER_SNAPSHOT", request => request.Durability = new Durability { Tier = DurabilityTier.Snapshot } },
        { "durability.tier = DURABILITY_TIER_LOG", request => request.Durability = new Durability { Tier = DurabilityTier.Log } },
        { "durability.snapshot_every", request => request.Durability = new Durability { SnapshotEverySteps = 1 } },
        { "durability.snapshot_every", request => request.Durability = new Durability { SnapshotEvery = new Duration { Seconds = 1 } } },
        { "tensors[0].dtype = DTYPE_FLOAT16", request => request.Tensors[0].Dtype = DType.Float16 },
        { "tensors[0].gradient_dtype = DTYPE_BFLOAT16", request => request.Tensors[0].GradientDtype = DType.Bfloat16 },
        { "tensors[0].role = TENSOR_ROLE_FROZEN", request => request.Tensors[0].Role = TensorRole.Frozen },
        { "tensors[0].role = TENSOR_ROLE_BUFFER", request => request.Tensors[0].Role = TensorRole.Buffer },
        { "tensors[0].constraint", request => request.Tensors[0].Constraint = new Constraint { NonNeg = new NonNegConstraint() } },
        { "tensors[0].aliases", request => request.Tensors[0].Aliases.Add("tied") },
        { "initial_values[0].dtype = DTYPE_FLOAT64", request => request.InitialValues[0].Dtype = DType.Float64 },
        { "optimizer.groups with more than one entry", request => request.Optimizer.Groups.Add(new AdamConfig()) },
        { "optimizer.keras_config_json", request => request.Optimizer.KerasConfigJson = "{}" },
        { "optimizer.loss_scale.dynamic", request => request.Optimizer.LossScale = new LossScale { Dynamic = new DynamicLossScale() } },
        { "optimizer.update_rule = UPDATE_RULE_TORCH_ADAM", request => request.Optimizer.UpdateRule = UpdateRule.TorchAdam },
        { "optimizer.update_rule = UPDATE_RULE_TORCH_ADAMW", request => request.Optimizer.UpdateRule = UpdateRule.TorchAdamw },
        { "optimizer.non_finite_policy = NON_FINITE_POLICY_SKIP", request => request.Optimizer.NonFinitePolicy = NonFinitePolicy.Skip },
        { "optimizer.non_finite_policy = NON_FINITE_POLICY_REJECT", request => request.Optimizer.NonFinitePolicy = NonFinitePolicy.Reject },
        { "optimizer.clip_scope = CLIP_SCOPE_SESSION", request => request.Optimizer.ClipScope = ClipScope.Session },
        {
            "optimizer.groups[0].learning_rate.supplied",
            request => request.Optimizer.Groups[0].LearningRate = new LearningRate { Supplied = new SuppliedLearningRate() }
        },
    };

    public static TheoryData<string, Action<CreateSessionRequest>> UnknownValues => new()
    {
        { "durability.tier", request => request.Durability = new Durability { Tier = (DurabilityTier)99 } },
        { "tensors[0].dtype", request => request.Tensors[0].Dtype = (DType)99 },
        { "tensors[0].role", request => request.Tensors[0].Role = (TensorRole)99 },
        { "optimizer.update_rule", request => request.Optimizer.UpdateRule = (UpdateRule)99 },
        { "optimizer.clip_scope", request => request.Optimizer.ClipScope = (ClipScope)99 },
        { "optimizer.non_finite_policy", request => request.Optimizer.NonFinitePolicy = (NonFinitePolicy)99 },
        { "initial_values[0].slot", request => request.InitialValues[0].Slot = (Slot)99 },
    };

    [Theory]
    [MemberData(nameof(Fields))]
    public async Task CreateSession_FieldThatIsNotImplemented_IsUnimplemented(string feature, Action<CreateSessionRequest> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var refusal = await RefuseAsync(set);

        refusal.AssertIs(StatusCode.Unimplemented, ErrorReason.NotImplemented);
        Assert.Equal(feature, refusal.Metadata["feature"]);
        Assert.StartsWith($"{feature} is part of the contract but not implemented in this build. ", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(UnknownValues))]
    public async Task CreateSession_EnumValueOutsideTheContract_IsInvalid(string field, Action<CreateSessionRequest> set)
    {
        ArgumentNullException.ThrowIfNull(set);
        var refusal = await RefuseAsync(set);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal([field], refusal.Fields);
    }

    [Fact]
    public async Task CreateSession_RequiredFeature_IsUnknown()
    {
        var refusal = await RefuseAsync(request => request.RequiredFeatures.Add(["a", "b"]));

        refusal.AssertIs(StatusCode.Unimplemented, ErrorReason.UnknownFeature);
        Assert.Equal("a, b", refusal.Metadata["features"]);
    }

    private Task<Refusal> RefuseAsync(Action<CreateSessionRequest> set)
    {
        var request = Requests.Create(Requests.NewId(), [1f]);
        set(request);
        return Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));
    }
}
