using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Support;

/// <summary>A service as a process of its own that cuts tensors into chunks of 4 KiB and gives a stream four credits.</summary>
public sealed class SmallChunksFixture : IAsyncLifetime
{
    public const int Credits = 4;

    private ServiceProcess? _service;
    private AdamClient? _client;

    public AdamClient Client => _client ?? throw new InvalidOperationException("The service was not started.");

    public Uri Address => _service?.Addresses.Grpc ?? throw new InvalidOperationException("The service was not started.");

    public async Task InitializeAsync()
    {
        _service = await ServiceProcess.StartAsync(arguments:
        [
            "--set", $"Limits:ChunkBytesMax={InterruptedModel.ChunkBytes}", "--set", $"Limits:CreditsPerStream={Credits}",
        ]);
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
    }
}
