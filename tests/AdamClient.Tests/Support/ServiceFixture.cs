using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Support;

/// <summary>The service as a process of its own, and a client of it.</summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    private ServiceProcess? _service;
    private AdamClient? _client;

    public AdamClient Client => _client ?? throw new InvalidOperationException("The service was not started.");

    public Uri Address => _service?.Addresses.Grpc ?? throw new InvalidOperationException("The service was not started.");

    public async Task InitializeAsync()
    {
        _service = await ServiceProcess.StartAsync();
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
