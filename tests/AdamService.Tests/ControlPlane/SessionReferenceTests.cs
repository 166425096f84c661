using Adam.Service.Tests.Support;
using Adam.V1;
using Google.Protobuf;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>Every call that names a session refuses what is missing, unknown, replaced or of another past.</summary>
public sealed class SessionReferenceTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    public static TheoryData<string, Func<TestService, SessionRef?, Task>> Calls => new()
    {
        { "GetSession", async (s, r) => await s.Sessions.GetSessionAsync(new GetSessionRequest { Session = r }, TestService.Call()) },
        { "UpdateSession", async (s, r) => await s.Sessions.UpdateSessionAsync(new UpdateSessionRequest { Session = r }, TestService.Call()) },
        { "DeleteSession", async (s, r) => await s.Sessions.DeleteSessionAsync(new DeleteSessionRequest { Session = r }, TestService.Call()) },
        { "FinalizeSession", async (s, r) => await s.Sessions.FinalizeSessionAsync(new FinalizeSessionRequest { Session = r }, TestService.Call()) },
        { "Step", async (s, r) => await s.Training.StepAsync(new StepRequest { Session = r }, TestService.Call()) },
        { "GetBatchResult", async (s, r) => await s.Training.GetBatchResultAsync(new GetBatchResultRequest { Session = r }, TestService.Call()) },
        { "ReadTensors", (s, r) => s.ReadAsync(new ReadTensorsRequest { Session = r }) },
        { "WriteTensors", (s, r) => s.WriteAsync(new WriteBegin { Session = r }, new WriteCommit()) },
        { "Train", (s, r) => TrainClient.OpenAsync(s, new TrainOpen { Session = r, WorkerId = "w" }) },
    };

    [Theory]
    [MemberData(nameof(Calls))]
    public async Task Call_SessionThatIsNotMeant_IsRefused(string name, Func<TestService, SessionRef?, Task> call)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(call);
        var session = await _service.CreateAsync(Requests.Create(_id, [1f]));
        var other = new SessionRef { SessionId = _id, SessionUid = ByteString.CopyFrom(new byte[16]) };
        var past = new SessionRef { SessionId = _id, SessionUid = session.SessionUid, ExpectedGeneration = 0 };
        var demanding = new SessionRef { SessionId = _id, RequiredFeatures = { "teleportation" } };

        (await Refusal.OfAsync(() => call(_service, demanding))).AssertIs(StatusCode.Unimplemented, ErrorReason.UnknownFeature);
        (await Refusal.OfAsync(() => call(_service, null))).AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        (await Refusal.OfAsync(() => call(_service, new SessionRef()))).AssertIs(StatusCode.InvalidArgument, ErrorReason.InvalidField);
        (await Refusal.OfAsync(() => call(_service, Requests.Ref("nobody")))).AssertIs(StatusCode.NotFound, ErrorReason.SessionNotFound);
        (await Refusal.OfAsync(() => call(_service, other))).AssertIs(StatusCode.NotFound, ErrorReason.SessionReplaced);
        (await Refusal.OfAsync(() => call(_service, past))).AssertIs(StatusCode.Aborted, ErrorReason.GenerationChanged);
        Assert.Equal(1ul, (await _service.GetAsync(_id)).Version);
    }

    [Fact]
    public async Task DeleteSession_Twice_IsNotFoundTheSecondTime()
    {
        await _service.CreateAsync(Requests.Create(_id, [1f]));

        await _service.DeleteAsync(_id);

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => _service.DeleteAsync(_id));
        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => _service.GetAsync(_id));
    }

    [Fact]
    public async Task FinalizeSession_WithoutEma_ChangesNothing()
    {
        var created = await _service.CreateAsync(Requests.Create(_id, [1f]));

        var request = new FinalizeSessionRequest { Session = Requests.Ref(_id) };
        var finalized = (await _service.Sessions.FinalizeSessionAsync(request, TestService.Call())).Session;

        finalized.LastUsedTime = created.LastUsedTime;
        Assert.Equal(created, finalized);
    }

    [Fact]
    public async Task FinalizeSession_NotInitialized_IsRefused()
    {
        var request = Requests.Create(_id, new AdamConfig { UseEma = true }, [1f]);
        request.InitialValues.Clear();
        await _service.CreateAsync(request);

        await Refusal.OfAsync(
            StatusCode.FailedPrecondition,
            ErrorReason.NotInitialized,
            async () => await _service.Sessions.FinalizeSessionAsync(
                new FinalizeSessionRequest { Session = Requests.Ref(_id) }, TestService.Call()));
    }
}
