using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Support;

/// <summary>A service with a data directory, as a process of its own, and a client of it.</summary>
public sealed class DurableServiceFixture : OwnServiceFixture
{
    /// <summary>Changes the last byte of a checkpoint, whose id no other session has.</summary>
    public void Damage(string checkpointId)
    {
        var path = Assert.Single(Directory.GetFiles(Folder, checkpointId + ".safetensors", SearchOption.AllDirectories));
        using var file = File.Open(path, FileMode.Open);
        file.Seek(-1, SeekOrigin.End);
        var last = file.ReadByte();
        file.Seek(-1, SeekOrigin.End);
        file.WriteByte((byte)(last ^ 1));
    }

    private protected override Task<ServiceProcess> StartAsync() => ServiceProcess.StartAsync(dataDirectory: Folder);
}
