using Adam.Client.Internal;
using Adam.Client.Tests.Support;
using Grpc.Core;

namespace Adam.Client.Tests.Connection;

public sealed class RepeatedCallsTests
{
    [Fact]
    public async Task GetAndList_ServiceUnavailableAtFirst_AreMadeAgain()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address);
        FailFirst(service, (method, _) => method == "GetSession"
            ? new V1.GetSessionResponse { Session = FakeService.Session("s") }
            : new V1.ListSessionsResponse { Sessions = { FakeService.Session("s") } });

        Assert.Equal("s", (await client.GetSessionAsync("s")).Id);
        await foreach (var session in client.ListSessionsAsync())
        {
            Assert.Equal("s", session.Id);
        }

        Assert.Equal(["GetSession", "GetSession", "ListSessions", "ListSessions"], service.Calls.Select(call => call.Method));
    }

    [Fact]
    public async Task SaveAndVerify_ServiceUnavailableAtFirst_AreMadeAgain()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address);
        FailFirst(service, (method, _) => method == "SaveCheckpoint"
            ? new V1.SaveCheckpointResponse { Checkpoint = new V1.Checkpoint { CheckpointId = "c" } }
            : new V1.VerifyCheckpointResponse { Intact = true });

        Assert.Equal("c", (await client.SaveCheckpointAsync("s", "c")).Id);
        Assert.True((await client.VerifyCheckpointAsync("s", "c")).IsIntact);

        Assert.Equal(["SaveCheckpoint", "SaveCheckpoint", "VerifyCheckpoint", "VerifyCheckpoint"], service.Calls.Select(call => call.Method));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("mine")]
    public async Task Create_AnswerIsLost_MakesTheSameSession(string? id)
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address);
        List<string> ids = [];
        FailFirst(service, (_, body) =>
        {
            ids.Add(V1.CreateSessionRequest.Parser.ParseFrom(body).SessionId);
            return new V1.CreateSessionResponse { Session = FakeService.Session(ids[^1]), Created = false };
        }, looksAtFailures: true);

        var session = await client.CreateSessionAsync(SmallModel.Spec() with { SessionId = id });

        Assert.Equal(2, ids.Count);
        Assert.Single(ids.Distinct());
        Assert.Equal(id ?? session.Id, ids[0]);
        Assert.NotEmpty(session.Id);
        Assert.Equal(id is null, session.IsNew);
    }

    [Fact]
    public async Task CallsThatMayNotBeMadeTwice_AreMadeOnce()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address);
        service.Answer = (_, _) => throw FakeService.Fail(StatusCode.Unavailable);

        Func<Task>[] calls =
        [
            () => client.DeleteSessionAsync("s"),
            () => client.FinalizeSessionAsync("s"),
            () => client.UpdateLabelsAsync("s", new Dictionary<string, string>()),
            () => client.UpdateLearningRateAsync("s", LearningRate.Constant(1)),
            () => client.ForkSessionAsync("s"),
            () => client.RestoreCheckpointAsync("s", "c"),
            () => client.DeleteCheckpointAsync("s", "c"),
            () => client.ImportSessionAsync(Stream.Null),
        ];
        foreach (var call in calls)
        {
            Assert.True((await Assert.ThrowsAsync<AdamException>(call)).IsTransient);
        }

        Assert.Equal(calls.Length, service.Calls.Count);
    }

    [Fact]
    public async Task OtherRefusals_AreNotTriedAgain()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address);
        service.Answer = (_, _) => throw FakeService.Fail(StatusCode.FailedPrecondition);

        await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Single(service.Calls);
    }

    [Fact]
    public async Task CallAttempts_One_TriesNothingAgain()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions { CallAttempts = 1 });
        service.Answer = (_, _) => throw FakeService.Fail(StatusCode.Unavailable);

        await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Single(service.Calls);
    }

    [Fact]
    public async Task CallAttempts_LimitsThem()
    {
        await using var service = await FakeService.StartAsync();
        await using var client = AdamClient.ForAddress(service.Address, new AdamClientOptions { CallAttempts = 3 });
        service.Answer = (_, _) => throw FakeService.Fail(StatusCode.Unavailable);

        var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("s"));

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.Equal(3, service.Calls.Count);
    }

    [Fact]
    public void Configure_NamesWhatMayBeMadeTwice() => Assert.Equal(
        [
            "CreateSession", "EstimateSession", "GetSession", "ListSessions", "ReadTensors", "GetBatchResult", "Step",
            "SaveCheckpoint", "ListCheckpoints", "VerifyCheckpoint", "ExportSession",
        ],
        RepeatableCalls.Configure(attempts: 10)!.MethodConfigs.Single().Names.Select(name => name.Method));

    /// <summary>Every method fails once.</summary>
    private static void FailFirst(
        FakeService service, Func<string, byte[], Google.Protobuf.IMessage> answer, bool looksAtFailures = false)
    {
        HashSet<string> failed = [];
        service.Answer = (method, body) =>
        {
            var isFirst = failed.Add(method);
            var message = isFirst && !looksAtFailures ? null : answer(method, body);
            return isFirst ? throw FakeService.Fail(StatusCode.Unavailable) : message!;
        };
    }
}
