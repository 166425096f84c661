namespace Adam.Service.Tests.Support;

/// <summary>A service with the default limits that the tests of a class share; each test makes sessions of its own.</summary>
public sealed class ServiceFixture : IAsyncLifetime
{
    private TestService? _service;

    public TestService Service => _service ?? throw new InvalidOperationException("The fixture has not started.");

    public async Task InitializeAsync() => _service = await TestService.StartAsync();

    public Task DisposeAsync() => Service.DisposeAsync().AsTask();
}
