using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Support;

/// <summary>A service with a data directory, as a process of its own, and a client of it.</summary>
public sealed class DurableServiceFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("adam-durable-");
    private ServiceProcess? _service;
    private AdamClient? _client;

    public AdamClient Client => _client ?? throw new InvalidOperationException("The service was not started.");

    public Uri Address => _service?.Addresses.Grpc ?? throw new InvalidOperationException("The service was not started.");

    public async Task InitializeAsync()
    {
        _service = await ServiceProcess.StartAsync(dataDirectory: _directory.FullName);
        _client = AdamClient.ForAddress(_service.Addresses.Grpc);
    }

    public async Task DisposeAsync()
    {
        if (_client is not null)
        {
            await _client.DisposeAsync();
        }

        if (_service is not null)
        {
            await _service.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    /// <summary>Changes the last byte of a checkpoint, whose id no other session has.</summary>
    public void Damage(string checkpointId)
    {
        var path = Assert.Single(Directory.GetFiles(_directory.FullName, checkpointId + ".safetensors", SearchOption.AllDirectories));
        using var file = File.Open(path, FileMode.Open);
        file.Seek(-1, SeekOrigin.End);
        var last = file.ReadByte();
        file.Seek(-1, SeekOrigin.End);
        file.WriteByte((byte)(last ^ 1));
    }
}
