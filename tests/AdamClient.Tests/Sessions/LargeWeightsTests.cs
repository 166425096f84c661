using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Sessions;

/// <summary>Sessions whose weights do not fit into the request that makes them.</summary>
[Collection(ServiceGroup.Name)]
public sealed class LargeWeightsTests(ServiceFixture service)
{
    [Fact]
    public async Task CreateSession_NamesThatLeaveNoRoomForTheWeights_StreamsThem()
    {
        // The weights alone are 3 MiB and would fit; with 2.5 MB of names they do not.
        const int Tensors = 10_000;
        var (one, rest) = (new float[1], new float[(3 << 18) - Tensors + 1]);
        rest[^1] = 7;

        var session = await service.Client.CreateSessionAsync(new SessionSpec
        {
            Tensors = [.. Enumerable.Range(0, Tensors).Select(
                i => new TensorSpec($"{i:00000}/{new string('x', 250)}", i == 0 ? [rest.Length] : []))],
            InitialWeights = [.. Enumerable.Range(0, Tensors).Select(i => i == 0 ? rest : one)],
        });
        var read = await service.Client.ReadTensorsAsync(session.Reference, new ReadOptions { Tensors = [0] });
        await service.Client.DeleteSessionAsync(session.Reference);

        Assert.True(session.IsNew);
        Assert.Equal(SessionState.Ready, session.State);
        Assert.True(rest.AsSpan().SequenceEqual(read[0]));
    }

    [Fact]
    public async Task CreateSession_AgainWithOtherLargeWeights_KeepsTheFirst()
    {
        var first = await service.Client.CreateSessionAsync(Spec("large-again", value: 1));

        var second = await service.Client.CreateSessionAsync(Spec("large-again", value: 2));
        var read = await service.Client.ReadTensorsAsync(second.Reference);
        await service.Client.DeleteSessionAsync(first.Reference);

        Assert.False(second.IsNew);
        Assert.Equal(first.Version, second.Version);
        Assert.All(read[0], value => Assert.Equal(1, value));
    }

    [Fact]
    public async Task CreateSession_SomebodyElseWritesTheWeightsMeanwhile_ReturnsTheReadySession()
    {
        await using var slow = new ListeningClient(service.Address);
        SessionInfo? fast = null;
        slow.RunOnceOn<V1.CreateSessionResponse>(
            _ => true,
            async () => fast = await service.Client.CreateSessionAsync(Spec("large-race", value: 1)));

        var session = await slow.Client.CreateSessionAsync(Spec("large-race", value: 1));
        await service.Client.DeleteSessionAsync(session.Reference);

        Assert.True(session.IsNew);
        Assert.False(fast?.IsNew);
        Assert.Equal(SessionState.Ready, session.State);
        Assert.Equal(fast?.Version, session.Version);
    }

    [Fact]
    public async Task CreateSession_SomethingElseChangesMeanwhile_WritesTheWeightsAllTheSame()
    {
        await using var slow = new ListeningClient(service.Address);
        slow.RunOnceOn<V1.CreateSessionResponse>(
            _ => true,
            () => service.Client.UpdateLearningRateAsync("large-changed", 0.5));

        var session = await slow.Client.CreateSessionAsync(Spec("large-changed", value: 1));
        await service.Client.DeleteSessionAsync(session.Reference);

        Assert.Equal(SessionState.Ready, session.State);
        Assert.Equal(0.5f, session.LearningRate);
    }

    private static SessionSpec Spec(string id, float value)
    {
        var weights = new float[(1 << 20) + 1];
        Array.Fill(weights, value);
        return new SessionSpec { SessionId = id, Tensors = [new TensorSpec("large", [weights.Length])], InitialWeights = [weights] };
    }
}
