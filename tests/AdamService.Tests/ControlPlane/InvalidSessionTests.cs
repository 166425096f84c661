using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Requests with faults: all of them are named at once.</summary>
public sealed class InvalidSessionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;

    [Fact]
    public async Task CreateSession_ManyFaults_AreAllNamedAtOnce()
    {
        var request = Requests.Create("-bad id", [1], [1], [1]);
        var longKey = new string('k', 64);
        request.Tensors[1].Name = "t0";
        request.Tensors[2].Name = new string('x', 257);
        request.Tensors[0].Shape[0] = -1;
        request.Tensors[2].Group = 3;
        request.Tensors[2].Shape.Add([1, 1, 1, 1, 1, 1, 1, 1]);
        request.InitialValues[1].Data = Floats.ToBytes([1, 2]);
        request.InitialValues[2].TensorIndex = 9;
        request.InitialValues.Add(new TensorData { TensorIndex = 1, Slot = Slot.Average });
        request.Labels[longKey] = new string('v', 256);
        request.Labels[""] = "";
        request.Optimizer.GradientAccumulationSteps = long.MaxValue;

        var refusal = await RefuseAsync(request);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Equal(
            [
                "session_id",
                $"labels[{longKey}]",
                $"labels[{longKey}]",
                "labels[]",
                "tensors[2].name",
                "tensors[2].shape",
                "optimizer.gradient_accumulation_steps",
                "tensors[0].shape",
                "tensors[1].name",
                "tensors[2].group",
                "initial_values[1].data",
                "initial_values[2].tensor_index",
                "initial_values[3].slot",
                "initial_values[3].tensor_index",
            ],
            refusal.Fields);
        Assert.All(refusal.Fields.Take(1), field => Assert.Contains($"{field}: ", refusal.Message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task CreateSession_MoreFaultsThanFit_SaysHowManyMore()
    {
        var request = new CreateSessionRequest { SessionId = Requests.NewId() };
        request.Tensors.Add(Enumerable.Range(0, 30).Select(_ => new TensorSpec { Shape = { 1 } }));

        var refusal = await RefuseAsync(request);

        Assert.Contains("tensors[19].name: ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("tensors[20].name: ", refusal.Message, StringComparison.Ordinal);
        Assert.EndsWith(" | … and 10 more", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CreateSession_NoTensors_IsInvalid() =>
        Assert.Equal(["tensors"], (await RefuseAsync(new CreateSessionRequest { SessionId = Requests.NewId() })).Fields);

    [Fact]
    public async Task CreateSession_TooManyLabels_IsInvalid()
    {
        var request = Requests.Create(Requests.NewId(), [1f]);
        for (var i = 0; i < 65; i++)
        {
            request.Labels[$"k{i}"] = "";
        }

        Assert.Equal(["labels"], (await RefuseAsync(request)).Fields);
    }

    [Theory]
    [InlineData(new long[] { 1L << 61 })]
    [InlineData(new long[] { 1L << 40, 1L << 40 })]
    public async Task CreateSession_TensorOfImpossibleSize_IsInvalid(long[] shape)
    {
        var request = new CreateSessionRequest
        {
            SessionId = Requests.NewId(),
            Tensors = { new TensorSpec { Name = "t", Shape = { shape } } },
            InitialValues = { Requests.Data(0, [1]) },
        };

        var refusal = await RefuseAsync(request);

        refusal.AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        Assert.Contains("tensors[0].shape", refusal.Fields);
    }

    [Theory]
    [InlineData("a\n")]
    [InlineData(".a")]
    [InlineData("a/b")]
    [InlineData("ä")]
    public async Task CreateSession_BadId_IsInvalid(string id) =>
        Assert.Equal(["session_id"], (await RefuseAsync(Requests.Create(id, [1f]))).Fields);

    private Task<Refusal> RefuseAsync(CreateSessionRequest request) =>
        Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));
}
