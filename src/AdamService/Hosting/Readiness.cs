using Adam.Service.Sessions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Adam.Service.Hosting;

/// <summary>Ready from the moment the service listens and has its sessions back, until it is told to stop.</summary>
/// <remarks>Registered before <see cref="AddressFile"/>: whoever reads that file finds the service ready.</remarks>
internal sealed class Readiness(SessionRegistry sessions, IHostApplicationLifetime lifetime) : IHealthCheck, IHostedLifecycleService
{
    /// <summary>The name of the check.</summary>
    public const string Name = "ready";

    private volatile bool _started;

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var ready = _started && !lifetime.ApplicationStopping.IsCancellationRequested;
        return Task.FromResult(ready ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy(
            sessions.Recovering is { Length: > 0 } where ? $"The service is reading its sessions from disk: {where}." : "The service is starting or stopping."));
    }

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        _started = true;
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
