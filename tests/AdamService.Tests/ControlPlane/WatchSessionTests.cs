using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Adam.V1;
using Grpc.Core;

namespace Adam.Service.Tests.ControlPlane;

/// <summary>A watcher hears of every change of a session in the end, of the latest only, and keeps nobody.</summary>
public sealed class WatchSessionTests(ServiceFixture fixture) : IClassFixture<ServiceFixture>
{
    private static readonly float[] Values = Floats.Random(4, 1);

    private readonly TestService _service = fixture.Service;
    private readonly string _id = Requests.NewId();

    [Fact]
    public async Task WatchSession_FirstMessage_IsTheSessionAsItIs()
    {
        var request = Requests.Create(_id, Values);
        request.Labels["a"] = "b";
        await _service.CreateAsync(request);
        await StepAsync(1);
        using var watch = Watch();

        var session = await NextAsync(watch);

        var got = await _service.GetAsync(_id);
        got.Tensors.Clear();
        got.KerasConfigJson = "";
        Assert.Equal(got, session);
    }

    [Fact]
    public async Task WatchSession_Changes_AreTold()
    {
        var request = Requests.Create(_id, Values);
        request.InitialValues.Clear();
        await _service.CreateAsync(request);
        using var watch = Watch();

        Assert.Equal((1ul, SessionState.Created), Of(await NextAsync(watch)));
        await _service.WriteAsync(new WriteBegin { Session = Requests.Ref(_id) }, new WriteCommit(), Requests.Chunk(0, 0, Values));
        Assert.Equal((2ul, SessionState.Ready), Of(await NextAsync(watch)));
        using var stream = await TrainClient.OpenAsync(_service, _id);
        Assert.Equal((2ul, true), Worker(await NextAsync(watch)));
        await stream.StepAsync(1, Values);
        Assert.Equal((3ul, true), Worker(await NextAsync(watch)));
        await stream.CloseAsync();
        Assert.Equal((3ul, false), Worker(await NextAsync(watch)));
    }

    [Fact]
    public async Task WatchSession_ManyChanges_EndWithTheLatest()
    {
        await _service.CreateAsync(Requests.Create(_id, Values));
        using var watch = Watch();
        await NextAsync(watch);

        for (var sequence = 1ul; sequence <= 300; sequence++)
        {
            await StepAsync(sequence);
        }

        var (messages, last) = (0, 0ul);
        while (last < 301)
        {
            var version = (await NextAsync(watch)).Version;
            Assert.True(version > last, $"{version} after {last}");
            (messages, last) = (messages + 1, version);
        }

        Assert.InRange(messages, 1, 200);
    }

    [Fact]
    public async Task WatchSession_Deleted_EndsWithThat()
    {
        await _service.CreateAsync(Requests.Create(_id, Values));
        using var watch = Watch();
        await NextAsync(watch);

        await _service.DeleteAsync(_id);

        await Refusal.OfAsync(StatusCode.Aborted, ErrorReason.SessionDeleted, () => watch.ResponseStream.MoveNext(default));
    }

    [Fact]
    public async Task WatchSession_NoSuchSession_IsNotFound()
    {
        using var watch = Watch();

        await Refusal.OfAsync(StatusCode.NotFound, ErrorReason.SessionNotFound, () => watch.ResponseStream.MoveNext(default));
    }

    [Fact]
    public async Task WatchSession_ServiceStops_EndsAtOnce()
    {
        await using var service = await TestService.StartAsync(("Server:DrainSeconds", "600"));
        await service.CreateAsync(Requests.Create(_id, Values));
        using var watch = service.Sessions.WatchSession(new WatchSessionRequest { Session = Requests.Ref(_id) }, TestService.Call());
        await NextAsync(watch);

        var stopping = service.StopAsync();

        await Refusal.OfAsync(StatusCode.Unavailable, ErrorReason.ShuttingDown, () => watch.ResponseStream.MoveNext(default));
        await stopping;
    }

    [Fact]
    public async Task WatchSession_IsNoUse()
    {
        var created = await _service.CreateAsync(Requests.Create(_id, Values));
        using var watch = Watch();

        Assert.Equal(created.LastUsedTime, (await NextAsync(watch)).LastUsedTime);
    }

    [Fact]
    public async Task LatestAsync_ManyWatchers_ShareOneDescription()
    {
        var changes = new SessionChanges(1);
        var (asked, answer) = (0, new TaskCompletionSource<(V1.Session, long)>());
        Task<(V1.Session, long)> Describe()
        {
            asked++;
            return answer.Task;
        }

        using var watcher = changes.Watch();
        var one = changes.LatestAsync(Describe);
        var other = changes.LatestAsync(Describe);
        answer.SetResult((new V1.Session(), 0));
        var third = changes.LatestAsync(Describe);
        Assert.Equal((1, await one), (asked, await other));
        Assert.Equal(await one, await third);
        changes.Note(2, 0);
        _ = changes.LatestAsync(Describe);

        Assert.Equal(2, asked);
    }

    [Fact]
    public void PastAsync_EndsWithTheNextChange_AndAtOnceAfterOne()
    {
        var changes = new SessionChanges(1);

        var waiting = changes.PastAsync(0);
        changes.Note(1, 0);
        Assert.False(waiting.IsCompleted);
        changes.Note(1, 1);

        Assert.True(waiting.IsCompleted);
        Assert.True(changes.PastAsync(0).IsCompleted);
        Assert.False(changes.PastAsync(1).IsCompleted);
    }

    private static (ulong Version, SessionState State) Of(V1.Session session) => (session.Version, session.State);

    private static (ulong Version, bool IsConnected) Worker(V1.Session session) => (session.Version, Assert.Single(session.Workers).Connected);

    private static async Task<V1.Session> NextAsync(AsyncServerStreamingCall<WatchSessionResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext(default));
        return watch.ResponseStream.Current.Session;
    }

    private AsyncServerStreamingCall<WatchSessionResponse> Watch() =>
        _service.Sessions.WatchSession(new WatchSessionRequest { Session = Requests.Ref(_id) }, TestService.Call());

    private Task<StepResponse> StepAsync(ulong sequence) => _service.StepAsync(Requests.Step(_id, "w", Requests.Begin(sequence), Values));
}
