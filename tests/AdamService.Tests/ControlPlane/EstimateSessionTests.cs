using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>What a session would cost is known, and what stands in its way, before it is made.</summary>
public sealed class EstimateSessionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task EstimateSession_OfASession_SaysWhatItsCreationThenReports()
    {
        var request = Requests.Create(_id, new AdamConfig { Amsgrad = true, UseEma = true }, Floats.Random(1000, 1), Floats.Random(10, 2));
        request.Tensors[1].Role = TensorRole.Frozen;
        var before = _service.Memory.FreeBytes;

        var estimate = await EstimateAsync(_service, request);

        Assert.Equal((true, ""), (estimate.Admitted, estimate.Refusal));
        Assert.Equal(((ulong)before, 4000ul, 1000ul * ((5 * 8) + 4)), (estimate.FreeBytes, estimate.StagingBytes, estimate.StepBytes));
        Assert.InRange(estimate.StepSeconds, double.Epsilon, 60);
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => _service.GetAsync(_id));
        Assert.Equal(before, _service.Memory.FreeBytes);
        Assert.Equal(estimate.StateBytes, (await _service.CreateAsync(request)).StateBytes);
    }

    [Fact]
    public async Task EstimateSession_LargerModel_TakesLonger()
    {
        var small = await EstimateAsync(_service, Of("s", 1_000));
        var large = await EstimateAsync(_service, Of("l", 100_000_000));
        var larger = await EstimateAsync(_service, Of("l", 200_000_000));

        Assert.True(large.StepSeconds > 20 * small.StepSeconds, $"{small.StepSeconds} s and {large.StepSeconds} s");
        Assert.Equal(2, larger.StepSeconds / large.StepSeconds, 9);
    }

    [Fact]
    public async Task EstimateSession_BatchInFlight_IsWhatTheServiceThenReserves()
    {
        var request = Requests.Create(_id, Floats.Random(1000, 1), Floats.Random(10, 2));
        request.Tensors[0].GradientDtype = DType.Float16;
        var estimate = await EstimateAsync(_service, request);
        await using var service = await TestService.StartAsync();
        await service.CreateAsync(request);
        var before = service.Memory.ReservedBytes;

        using var stream = await TrainClient.OpenAsync(service, _id);
        await stream.BeginAsync(Requests.Begin(1));
        await stream.ChunkAsync(Requests.Chunk(0, 0, Floats.Random(1000, 1), DType.Float32));
        await stream.ChunkAsync(Requests.Chunk(1, 0, Floats.Random(10, 1)));

        await Eventually.EqualAsync((long)estimate.StagingBytes, () => service.Memory.ReservedBytes - before);
    }

    [Fact]
    public async Task EstimateSession_WrongRequest_IsRefusedAsItsCreationIs()
    {
        var request = Requests.Create(_id, new AdamConfig { Clipnorm = 1, Clipvalue = 1 }, [1f]);
        request.Labels.Add("", "");

        var created = await Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));
        var estimated = await Refusal.OfAsync(() => EstimateAsync(_service, request));
        request.Labels.Clear();
        var createdAgain = await Refusal.OfAsync(async () => await _service.Sessions.CreateSessionAsync(request, TestService.Call()));
        var estimatedAgain = await Refusal.OfAsync(() => EstimateAsync(_service, request));

        AssertSame(created, estimated);
        AssertSame(createdAgain, estimatedAgain);
        Assert.NotEqual(created.Reason, createdAgain.Reason);
    }

    [Fact]
    public async Task EstimateSession_NoRequest_IsInvalid()
    {
        var refusal = await Refusal.OfAsync(
            StatusCode.InvalidArgument,
            ErrorReason.InvalidField,
            async () => await _service.Sessions.EstimateSessionAsync(new EstimateSessionRequest(), TestService.Call()));

        Assert.Equal(["request"], refusal.Fields);
    }

    [Fact]
    public async Task EstimateSession_OfTheSameSession_IsAdmittedAndOfAnotherIsRefused()
    {
        var request = Requests.Create(_id, [1f, 2f]);
        await _service.CreateAsync(request);

        var same = await EstimateAsync(_service, request);
        request.InitialValues.Clear();
        var withoutValues = await EstimateAsync(_service, request);
        request.InitialValues.Add(Requests.Data(0, [3f, 4f]));
        var otherValues = await Refusal.OfAsync(() => EstimateAsync(_service, request));
        request.InitialValues.Clear();
        request.Labels["a"] = "b";
        var other = await Refusal.OfAsync(StatusCode.AlreadyExists, ErrorReason.SessionExists, () => EstimateAsync(_service, request));

        Assert.Equal((true, true), (same.Admitted, withoutValues.Admitted));
        Assert.Equal(["initial_values[0].data"], otherValues.Fields);
        Assert.Equal(["labels[a]"], other.Fields);
    }

    [Fact]
    public async Task EstimateSession_OneSessionTooMany_IsNotAdmitted()
    {
        await using var service = await TestService.StartAsync(("Limits:SessionsMax", "1"));
        await service.CreateAsync(Requests.Create("a", [1f]));

        var estimate = await EstimateAsync(service, Requests.Create("b", [1f]));

        Assert.False(estimate.Admitted);
        Assert.Equal(
            "There are 1 sessions and 'b' would be one more; the limit is 1. Raise Limits:SessionsMax on the service if more is meant.", estimate.Refusal);
    }

    [Theory]
    [InlineData("Limits:MemoryBytes", "1000", "1000 are free")]
    [InlineData("Limits:TenantMemoryBytes", "1000", "1000 of the 1000 that tenant 'default' may have are free")]
    [InlineData("Limits:SessionMemoryBytes", "1000", "1000 of the 1000 that session 'b' may have are free")]
    public async Task EstimateSession_NoMemory_SaysWhichLimitAndByHowMuch_AsItsCreationDoes(string option, string value, string whose)
    {
        await using var service = await TestService.StartAsync((option, value));
        var request = Requests.Create("b", Floats.Random(96, 1));

        var estimate = await EstimateAsync(service, request);
        var refusal = await Refusal.OfAsync(StatusCode.ResourceExhausted, ErrorReason.LimitExceeded, () => service.CreateAsync(request));

        Assert.Equal((false, 1152ul, 1000ul), (estimate.Admitted, estimate.StateBytes, estimate.FreeBytes));
        Assert.Equal(refusal.Message, estimate.Refusal);
        Assert.Contains($"needs 1152 bytes; ", estimate.Refusal, StringComparison.Ordinal);
        Assert.Contains($"{whose}, 152 too few.", estimate.Refusal, StringComparison.Ordinal);
        Assert.Contains($"raise {option} on the service", estimate.Refusal, StringComparison.Ordinal);
        Assert.Equal((option, "1152", "1000"), (refusal.Metadata["option"], refusal.Metadata["needed"], refusal.Metadata["free"]));
        Assert.Equal(0, service.Memory.ReservedBytes);
    }

    private static CreateSessionRequest Of(string id, long elements) =>
        new() { SessionId = id, Tensors = { new TensorSpec { Name = "t", Shape = { elements } } } };

    private static void AssertSame(Refusal one, Refusal other) =>
        Assert.Equal((one.Code, one.Reason, one.Message, one.Metadata["fields"]), (other.Code, other.Reason, other.Message, other.Metadata["fields"]));

    private static async Task<EstimateSessionResponse> EstimateAsync(TestService service, CreateSessionRequest request) =>
        await service.Sessions.EstimateSessionAsync(new EstimateSessionRequest { Request = request }, TestService.Call());
}
