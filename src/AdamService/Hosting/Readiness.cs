using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Adam.Service.Hosting;

/// <summary>Ready from the moment the service has started until it is told to stop.</summary>
internal sealed class Readiness(IHostApplicationLifetime lifetime) : IHealthCheck
{
    /// <summary>The name of the check.</summary>
    public const string Name = "ready";

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var ready = lifetime.ApplicationStarted.IsCancellationRequested && !lifetime.ApplicationStopping.IsCancellationRequested;
        return Task.FromResult(ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("The service is starting or stopping."));
    }
}
