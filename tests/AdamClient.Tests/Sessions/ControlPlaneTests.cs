using System.Net;
using System.Net.Sockets;
using Adam.Client.Tests.Support;
using Grpc.Core;

namespace Adam.Client.Tests.Sessions;

[Collection(ServiceGroup.Name)]
public sealed class ControlPlaneTests(ServiceFixture service)
{
    [Fact]
    public async Task CreateSession_Defaults_AreKeras()
    {
        var session = await service.Client.CreateSessionAsync(SmallModel.Spec());

        Assert.True(session.IsNew);
        Assert.Equal(SessionState.Ready, session.State);
        Assert.Equal(SmallModel.Tensors.Select(tensor => tensor with { GradientDType = TensorDType.Float32 }), session.Tensors);
        Assert.Equal(new ConstantLearningRate(0.001), session.Optimizer.Groups[0].LearningRate);
        Assert.Equal(0.9, session.Optimizer.Groups[0].Beta1);
        Assert.Equal(0.999, session.Optimizer.Groups[0].Beta2);
        Assert.Equal(1e-7, session.Optimizer.Groups[0].Epsilon);
        Assert.Null(session.KerasInexactReason);
        Assert.Equal(0, session.Iterations);
        Assert.Equal(16, session.Uid.Length);
    }

    [Fact]
    public async Task CreateSession_Twice_ReturnsTheFirst()
    {
        var spec = SmallModel.Spec() with { SessionId = "created-twice" };

        var first = await service.Client.CreateSessionAsync(spec);
        var second = await service.Client.CreateSessionAsync(spec);

        Assert.True(first.IsNew);
        Assert.False(second.IsNew);
        Assert.Equal(first.Reference, second.Reference);
    }

    [Fact]
    public async Task CreateSession_SameIdOtherSettings_NamesWhatDiffers()
    {
        var spec = SmallModel.Spec() with { SessionId = "created-differently" };
        await service.Client.CreateSessionAsync(spec);

        var exception = await Assert.ThrowsAsync<SessionExistsException>(
            () => service.Client.CreateSessionAsync(spec with { Optimizer = new AdamSettings { Beta1 = 0.5 } }));

        Assert.Equal(StatusCode.AlreadyExists, exception.StatusCode);
        Assert.NotEmpty(exception.Fields);
    }

    [Fact]
    public async Task CreateSession_SettingsThatKerasRefuses_AreRefused()
    {
        var exception = await Assert.ThrowsAsync<InvalidOptimizerException>(
            () => service.Client.CreateSessionAsync(SmallModel.Spec(new AdamSettings { ClipNorm = 1, ClipValue = 1 })));

        Assert.NotEmpty(exception.Fields);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task CreateSession_WeightsAboveOneMessage_AreStreamed()
    {
        var weights = Enumerable.Range(0, 3 << 20).Select(i => (float)i).ToArray();

        var session = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Tensors = [new TensorSpec("small", [2]), new TensorSpec("large", [weights.Length])],
            InitialWeights = SmallModel.ReadOnly([[1, 2], weights]),
        });
        var read = await service.Client.ReadTensorsAsync(session.Reference);
        await service.Client.DeleteSessionAsync(session.Reference);

        Assert.True(session.IsNew);
        Assert.Equal(SessionState.Ready, session.State);
        Assert.Equal([1, 2], read[0]);
        Assert.True(weights.AsSpan().SequenceEqual(read[1]));
    }

    [Fact]
    public async Task CreateSession_WeightsOfAnotherShape_AreRefusedHere()
    {
        var spec = SmallModel.Spec() with { InitialWeights = SmallModel.ReadOnly([new float[15], new float[2], []]) };

        var exception = await Assert.ThrowsAsync<ArgumentException>(() => service.Client.CreateSessionAsync(spec));

        Assert.Contains("('scale') has 1 elements; 2 came as its initial weights", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetSession_UnknownId_IsNotFound()
    {
        var exception = await Assert.ThrowsAsync<SessionNotFoundException>(() => service.Client.GetSessionAsync("nobody"));

        Assert.Equal(AdamErrorReason.SessionNotFound, exception.Reason);
        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task GetSession_MadeAgainUnderTheSameId_IsNotTakenForTheOldOne()
    {
        var spec = SmallModel.Spec() with { SessionId = "made-again" };
        var old = await service.Client.CreateSessionAsync(spec);
        await service.Client.DeleteSessionAsync(old.Reference);
        await service.Client.CreateSessionAsync(spec);

        var exception = await Assert.ThrowsAsync<SessionNotFoundException>(() => service.Client.GetSessionAsync(old.Reference));

        Assert.Equal(AdamErrorReason.SessionReplaced, exception.Reason);
    }

    [Fact]
    public async Task ListSessions_MoreThanAPage_GivesAllInOrder()
    {
        const int Sessions = 103;
        var labels = new Dictionary<string, string> { ["test"] = "list" };
        for (var i = 0; i < Sessions; i++)
        {
            await service.Client.CreateSessionAsync(new SessionSpec
            {
                SessionId = $"list-{i:000}",
                Tensors = [new TensorSpec("w", [])],
                Labels = labels,
            });
        }

        var ids = new List<string>();
        await foreach (var session in service.Client.ListSessionsAsync(labels))
        {
            ids.Add(session.Id);
        }

        Assert.Equal(Enumerable.Range(0, Sessions).Select(i => $"list-{i:000}"), ids);
    }

    [Fact]
    public async Task UpdateLearningRate_ScheduleActive_HasToBeReplaced()
    {
        var session = await service.Client.CreateSessionAsync(
            SmallModel.Spec(new AdamSettings { LearningRate = new ExponentialDecay(0.1, 10, 0.5) }));

        await Assert.ThrowsAsync<ScheduleActiveException>(() => service.Client.UpdateLearningRateAsync(session.Reference, 0.5));
        var updated = await service.Client.UpdateLearningRateAsync(session.Reference, 0.5, replaceSchedule: true);

        Assert.Equal(new ConstantLearningRate(0.5), updated.Optimizer.Groups[0].LearningRate);
        Assert.Equal(0.5f, updated.LearningRate);
        Assert.Equal(session.Version + 1, updated.Version);
    }

    [Fact]
    public async Task UpdateLabels_NewOnes_ReplaceTheOld()
    {
        var session = await service.Client.CreateSessionAsync(
            SmallModel.Spec() with { Labels = new Dictionary<string, string> { ["a"] = "1" } });

        var updated = await service.Client.UpdateLabelsAsync(session.Reference, new Dictionary<string, string> { ["b"] = "2" });

        Assert.Equal(new Dictionary<string, string> { ["b"] = "2" }, updated.Labels);
    }

    [Fact]
    public async Task GetSession_NobodyListens_IsTransient()
    {
        // A port that was just free: nobody answers there.
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        await using var client = AdamClient.ForAddress($"http://127.0.0.1:{port}");

        var exception = await Assert.ThrowsAsync<AdamException>(() => client.GetSessionAsync("any"));

        Assert.Equal(StatusCode.Unavailable, exception.StatusCode);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task GetSession_AlreadyCancelled_IsACancellation()
    {
        using var source = new CancellationTokenSource();
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => service.Client.GetSessionAsync("any", source.Token));
    }
}
