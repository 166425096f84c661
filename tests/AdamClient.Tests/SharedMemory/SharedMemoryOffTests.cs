using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.SharedMemory;

/// <summary>A service shares memory only if it was told to.</summary>
[Collection(ServiceGroup.Name)]
public sealed class SharedMemoryOffTests(ServiceFixture service)
{
    [Fact]
    public async Task OpenSharedMemoryAsync_NotConfigured_SaysWhichOptionWouldChangeThat()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        await using var session = await service.Client.OpenSessionAsync(created.Reference);

        var refusal = await Assert.ThrowsAsync<AdamException>(() => session.OpenSharedMemoryAsync());

        Assert.Equal(AdamErrorReason.SharedMemoryOff, refusal.Reason);
        Assert.Equal("SharedMemory:Enabled", refusal.Metadata["option"]);
        Assert.True(session.IsOpen);
    }

    [Fact]
    public async Task OpenSharedMemoryAsync_ClosedSession_IsAnError()
    {
        var created = await service.Client.CreateSessionAsync(SmallModel.Spec());
        var session = await service.Client.OpenSessionAsync(created.Reference);
        await session.DisposeAsync();

        await Assert.ThrowsAsync<InvalidOperationException>(() => session.OpenSharedMemoryAsync());
    }
}
