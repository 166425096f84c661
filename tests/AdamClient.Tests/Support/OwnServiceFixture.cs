using Adam.Samples.DigitsTraining.Service;

namespace Adam.Client.Tests.Support;

/// <summary>A service with settings and a folder of its own, as a process, and a client of it.</summary>
public abstract class OwnServiceFixture : IAsyncLifetime
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("adam-client-");
    private ServiceProcess? _service;
    private AdamClient? _client;

    /// <summary>The client.</summary>
    public AdamClient Client => _client ?? throw new InvalidOperationException("The service was not started.");

    /// <summary>Where it takes gRPC calls.</summary>
    public Uri Address => Service.Addresses.Grpc;

    /// <summary>The folder.</summary>
    protected string Folder => _directory.FullName;

    private protected ServiceProcess Service => _service ?? throw new InvalidOperationException("The service was not started.");

    public async Task InitializeAsync()
    {
        _service = await StartAsync();
        _client = AdamClient.ForAddress(Address);
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

    private protected abstract Task<ServiceProcess> StartAsync();
}
