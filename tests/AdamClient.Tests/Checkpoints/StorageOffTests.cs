using Adam.Client.Tests.Support;

namespace Adam.Client.Tests.Checkpoints;

/// <summary>A service that keeps nothing on disk.</summary>
[Collection(ServiceGroup.Name)]
public sealed class StorageOffTests(ServiceFixture service)
{
    [Fact]
    public async Task Save_IsRefused_ButAnExportIsNot()
    {
        var session = await TrainedSession.MakeAsync(service.Client, steps: 1);
        using var file = new MemoryStream();

        var refused = await Assert.ThrowsAsync<StorageException>(() => service.Client.SaveCheckpointAsync(session.Id));
        await service.Client.ExportSessionAsync(session.Id, file);
        file.Position = 0;
        var imported = await service.Client.ImportSessionAsync(file);

        Assert.Equal((AdamErrorReason.StorageOff, false), (refused.Reason, refused.IsTransient));
        Assert.Equal(DurabilityTier.Memory, imported.Durability.Tier);
    }
}
