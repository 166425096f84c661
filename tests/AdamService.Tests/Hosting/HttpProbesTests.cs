using System.Net;
using Adam.Service.Hosting;
using Adam.Service.Sessions;
using Adam.Service.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

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
    public async Task Get_UnhealthyService_IsAliveAndNotReady()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddHealthChecks().AddCheck("broken", () => HealthCheckResult.Unhealthy());
        await using var app = builder.Build();
        HttpProbes.Map(app);
        await app.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        using var alive = await client.GetAsync(new Uri(HttpProbes.Liveness, UriKind.Relative));
        using var ready = await client.GetAsync(new Uri(HttpProbes.Readiness, UriKind.Relative));

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable), (alive.StatusCode, ready.StatusCode));
    }

    [Fact]
    public async Task CheckHealthAsync_ServiceThatDoesNotListenYet_IsNotReady()
    {
        await using var service = await TestService.StartAsync();
        var starting = new Readiness(service.Get<SessionRegistry>(), service.Get<IHostApplicationLifetime>());

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
