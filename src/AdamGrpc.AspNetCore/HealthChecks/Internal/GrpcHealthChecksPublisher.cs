using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Grpc.AspNetCore.HealthChecks.Internal;

/// <summary>Takes each report that the application publishes to those who watch.</summary>
internal sealed class GrpcHealthChecksPublisher(HealthStatusBoard board, IOptions<GrpcHealthChecksOptions> options) : IHealthCheckPublisher
{
    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        foreach (ServiceMapping mapping in options.Value.Services)
        {
            board.Set(mapping.Name, HealthReportMapping.ToServingStatus(report, mapping));
        }

        return Task.CompletedTask;
    }
}
