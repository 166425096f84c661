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
        { "AddTensors", async s => await s.Sessions.AddTensorsAsync(new AddTensorsRequest(), TestService.Call()) },
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
