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
        {
            "initial_values[0].dtype = DTYPE_FLOAT64 for tensor 't0' of DTYPE_FLOAT32",
            request => request.InitialValues[0].Dtype = DType.Float64
        },
        { "optimizer.update_rule = UPDATE_RULE_TORCH_ADAM", request => request.Optimizer.UpdateRule = UpdateRule.TorchAdam },
        { "optimizer.update_rule = UPDATE_RULE_TORCH_ADAMW", request => request.Optimizer.UpdateRule = UpdateRule.TorchAdamw },
    };

    public static TheoryData<string, Action<CreateSessionRequest>> UnknownValues => new()
    {
        { "durability.tier", request => request.Durability = new V1.Durability { Tier = (DurabilityTier)99 } },
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
