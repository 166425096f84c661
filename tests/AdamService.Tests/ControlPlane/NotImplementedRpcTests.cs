using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Whole rpcs that this build lacks say so.</summary>
public sealed class NotImplementedRpcTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;

    public static TheoryData<string, Func<TestService, Task>> Rpcs => new()
    {
        { "ForkSession", async s => await s.Sessions.ForkSessionAsync(new ForkSessionRequest(), TestService.Call()) },
        { "AddTensors", async s => await s.Sessions.AddTensorsAsync(new AddTensorsRequest(), TestService.Call()) },
        { "SaveCheckpoint", async s => await s.Checkpoints.SaveCheckpointAsync(new SaveCheckpointRequest(), TestService.Call()) },
        { "ListCheckpoints", async s => await s.Checkpoints.ListCheckpointsAsync(new ListCheckpointsRequest(), TestService.Call()) },
        { "RestoreCheckpoint", async s => await s.Checkpoints.RestoreCheckpointAsync(new RestoreCheckpointRequest(), TestService.Call()) },
        { "VerifyCheckpoint", async s => await s.Checkpoints.VerifyCheckpointAsync(new VerifyCheckpointRequest(), TestService.Call()) },
        { "ExportSession", s => s.Checkpoints.ExportSession(new ExportSessionRequest(), TestService.Call()).ResponseStream.MoveNext(default) },
        { "ImportSession", async s => await s.Checkpoints.ImportSession(TestService.Call()).ResponseAsync },
    };

    [Theory]
    [MemberData(nameof(Rpcs))]
    public async Task Call_RpcThatIsNotImplemented_IsUnimplemented(string name, Func<TestService, Task> call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var refusal = await Refusal.OfAsync(StatusCode.Unimplemented, ErrorReason.NotImplemented, () => call(_service));

        Assert.Equal(name, refusal.Metadata["feature"]);
    }
}
