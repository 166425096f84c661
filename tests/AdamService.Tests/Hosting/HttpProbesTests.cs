using System.Net;
using Adam.Service.Hosting;
using Adam.Service.Tests.Support;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Adam.Service.Tests.Hosting;

public sealed class HttpProbesTests
{
    [Theory]
    [InlineData("/healthz")]
    [InlineData("/readyz")]
    public async Task Get_RunningService_IsHealthy(string path)
    {
        await using var service = await TestService.StartAsync();
        using var client = new HttpClient();

        using var response = await client.GetAsync(new Uri(service.HttpUrl, path));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Healthy", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task CheckHealthAsync_ServiceThatDoesNotListenYet_IsNotReady()
    {
        await using var service = await TestService.StartAsync();
        var starting = new Readiness(service.Get<IHostApplicationLifetime>());

        var before = await starting.CheckHealthAsync(new HealthCheckContext());
        await starting.StartedAsync(CancellationToken.None);
        var after = await starting.CheckHealthAsync(new HealthCheckContext());

        Assert.Equal((HealthStatus.Unhealthy, HealthStatus.Healthy), (before.Status, after.Status));
    }

    [Fact]
    public async Task CheckHealthAsync_StoppingService_IsNotReady()
    {
        await using var service = await TestService.StartAsync();
        var lifetime = service.Get<IHostApplicationLifetime>();
        var check = service.Get<Readiness>();

        var running = await check.CheckHealthAsync(new HealthCheckContext());
        lifetime.StopApplication();
        var stopping = await check.CheckHealthAsync(new HealthCheckContext());

        Assert.Equal((HealthStatus.Healthy, HealthStatus.Unhealthy), (running.Status, stopping.Status));
    }
}
