using Adam.Service.Configuration;
using Microsoft.Extensions.Options;

namespace Adam.Service.Connections;

/// <summary>Looks at all connections once in a while: one timer for all of them costs less than one for each call.</summary>
internal sealed class ConnectionWatch(GuardedConnections connections, IOptions<Http2Options> options, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan PeriodMax = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Nothing waits more than a quarter longer than it may.
        var period = TimeSpan.FromSeconds(Math.Min(options.Value.PrefaceSeconds, options.Value.CallIdleSeconds) / 4);
        using var timer = new PeriodicTimer(period < PeriodMax ? period : PeriodMax, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                connections.Check();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }
}
