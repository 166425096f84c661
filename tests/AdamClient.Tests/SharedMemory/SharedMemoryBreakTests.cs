using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.SharedMemory;

/// <summary>Shared memory ends with its stream: nobody may go on reading weights that nobody updates.</summary>
public sealed class SharedMemoryBreakTests(SharedServiceFixture service) : IClassFixture<SharedServiceFixture>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task StepAsync_ConnectionBreaks_ClosesTheSession(bool isShared)
    {
        await using var proxy = new CuttingProxy(service.Address);
        await using var client = AdamClient.ForAddress(proxy.Address);
        await using var session = await OpenAsync(client);
        using var shared = await session.OpenSharedMemoryAsync();
        await shared.StepAsync();
        proxy.CutAll();

        var exception = await Assert.ThrowsAsync<AdamException>(
            () => isShared ? shared.StepAsync() : session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1))));

        Assert.True(exception.IsTransient, exception.ToString());
        Assert.Equal((false, 0), (session.IsOpen, session.Reconnects));
    }

    [Fact]
    public async Task OpenSharedMemoryAsync_Fails_LeavesTheSessionAbleToReconnect()
    {
        await using var proxy = new CuttingProxy(service.Address);
        await using var client = AdamClient.ForAddress(proxy.Address);
        await using var session = await OpenAsync(client);
        await Assert.ThrowsAnyAsync<IOException>(() => session.OpenSharedMemoryAsync("/nowhere/memory.sock"));
        proxy.CutAll();

        var result = await session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1)));

        Assert.Equal((1L, 1), (result.Iterations, session.Reconnects));
    }

    [Fact]
    public async Task StepAsync_WhileAnotherStepIsUnderWay_IsRefusedAtOnce()
    {
        await using var listening = new ListeningClient(service.Address);
        await using var session = await OpenAsync(listening.Client);
        using var shared = await session.OpenSharedMemoryAsync();
        var gate = new Gate();
        listening.RunOnceOn<V1.TrainResponse>(message => message.Result is not null, gate.PassAsync);
        var first = shared.StepAsync();
        await gate.Reached;

        await Assert.ThrowsAsync<InvalidOperationException>(() => shared.StepAsync());
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.StepAsync(SmallModel.ReadOnly(SmallModel.Gradients(1))));
        gate.Open();

        Assert.Equal(StepOutcome.Applied, (await first).Outcome);
        Assert.Equal(2UL, (await shared.StepAsync()).Sequence);
    }

    private static async Task<OptimizerSession> OpenAsync(AdamClient client)
    {
        var created = await client.CreateSessionAsync(SmallModel.Spec());
        return await client.OpenSessionAsync(created.Reference);
    }
}
