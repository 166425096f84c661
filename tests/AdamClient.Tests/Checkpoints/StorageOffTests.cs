using Adam.Client.Tests.Support;
using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Checkpoints;

/// <summary>A service that keeps nothing on disk.</summary>
public sealed class StorageOffTests
{
    [Fact]
    public async Task Save_IsRefused_ButAnExportIsNot()
    {
        await using var service = await ServiceProcess.StartAsync(dataDirectory: "");
        await using var client = AdamClient.ForAddress(service.Addresses.Grpc);
        var session = await TrainedSession.MakeAsync(client, steps: 1);
        using var file = new MemoryStream();

        var refused = await Assert.ThrowsAsync<StorageException>(() => client.SaveCheckpointAsync(session.Id));
        await client.ExportSessionAsync(session.Id, file);
        file.Position = 0;
        var imported = await client.ImportSessionAsync(file);

        Assert.Equal((AdamErrorReason.StorageOff, false), (refused.Reason, refused.IsTransient));
        Assert.Equal(DurabilityTier.Memory, imported.Durability.Tier);
    }
}
