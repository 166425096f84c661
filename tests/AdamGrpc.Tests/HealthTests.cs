using AdamGrpc.Tests.Support;
using Grpc.Core;
using Grpc.Health.V1;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace AdamGrpc.Tests;

public sealed class HealthTests
{
    [Fact]
    public async Task Check_MappedServices_FollowTheirHealthChecks()
    {
        await using EchoHost host = await StartAsync(new Switch());
        Health.HealthClient client = new(host.CreateChannel());

        Assert.Equal(ServingStatus.NotServing, (await client.CheckAsync(new HealthCheckRequest()).ResponseAsync.Soon()).Status);
        Assert.Equal(ServingStatus.Serving, (await CheckAsync(client, "good")).Status);
        Assert.Equal(ServingStatus.NotServing, (await CheckAsync(client, "bad")).Status);
        Assert.Equal(ServingStatus.Unknown, (await CheckAsync(client, "none")).Status);
    }

    [Fact]
    public async Task Check_UnknownService_IsNotFound()
    {
        await using EchoHost host = await StartAsync(new Switch());

        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => CheckAsync(new(host.CreateChannel()), "never"));

        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
    }

    [Fact]
    public async Task Watch_StateChanges_StreamsTheFirstAndEachChange()
    {
        Switch health = new();
        await using EchoHost host = await StartAsync(health);
        Health.HealthClient client = new(host.CreateChannel());
        using AsyncServerStreamingCall<HealthCheckResponse> watch = client.Watch(new HealthCheckRequest { Service = "switch" });

        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
        health.Status = HealthStatus.Unhealthy;
        await PublishAsync(host);
        await PublishAsync(host);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        health.Status = HealthStatus.Degraded;
        await PublishAsync(host);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));
    }

    [Fact]
    public async Task Watch_UnknownService_SaysSoAndStaysOpen()
    {
        await using EchoHost host = await StartAsync(new Switch());
        Health.HealthClient client = new(host.CreateChannel());
        using AsyncServerStreamingCall<HealthCheckResponse> watch = client.Watch(new HealthCheckRequest { Service = "never" });

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch));
        Assert.Throws<InvalidOperationException>(() => watch.GetStatus());
    }

    [Fact]
    public async Task Watch_ApplicationStops_EndsWithNotServing()
    {
        await using EchoHost host = await StartAsync(new Switch());
        Health.HealthClient client = new(host.CreateChannel());
        using AsyncServerStreamingCall<HealthCheckResponse> watch = client.Watch(new HealthCheckRequest { Service = "good" });
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch));

        Task stopping = host.App.StopAsync();

        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch));
        Assert.False(await watch.ResponseStream.MoveNext().Soon());
        await stopping.Soon();
    }

    private static Task<EchoHost> StartAsync(Switch health) => EchoHost.StartAsync(
        services: services => services
            .AddGrpcHealthChecks(options =>
            {
                options.Services.Map("good", check => check.Name == "good");
                options.Services.Map("bad", check => check.Tags.Contains("bad"));
                options.Services.Map("switch", check => check.Name == "switch");
                options.Services.Map("none", _ => false);
            })
            .AddCheck("good", () => HealthCheckResult.Healthy())
            .AddCheck("bad", () => HealthCheckResult.Unhealthy(), tags: ["bad"])
            .AddCheck("switch", () => new HealthCheckResult(health.Status)),
        map: app => app.MapGrpcHealthChecksService()).ContinueWith(
            started =>
            {
                // An unhealthy check is logged as an error by the application's own health service.
                started.Result.ExpectsErrors = true;
                return started.Result;
            },
            TaskScheduler.Default);

    private static async Task PublishAsync(EchoHost host)
    {
        HealthReport report = await host.App.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
        foreach (IHealthCheckPublisher publisher in host.App.Services.GetServices<IHealthCheckPublisher>())
        {
            await publisher.PublishAsync(report, CancellationToken.None);
        }
    }

    private static async Task<HealthCheckResponse> CheckAsync(Health.HealthClient client, string service) =>
        await client.CheckAsync(new HealthCheckRequest { Service = service }).ResponseAsync.Soon();

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch)
    {
        Assert.True(await watch.ResponseStream.MoveNext().Soon());
        return watch.ResponseStream.Current.Status;
    }

    /// <summary>A health that a test turns on and off.</summary>
    private sealed class Switch
    {
        public HealthStatus Status { get; set; } = HealthStatus.Healthy;
    }
}
