using Microsoft.Extensions.Diagnostics.HealthChecks;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.AspNetCore.HealthChecks.Internal;

/// <summary>What a health report means for a gRPC health service.</summary>
internal static class HealthReportMapping
{
    /// <summary>A service serves unless one of its checks is unhealthy. Without any check nothing is known.</summary>
    public static ServingStatus ToServingStatus(HealthReport report, ServiceMapping mapping)
    {
        ServingStatus status = ServingStatus.Unknown;
        foreach ((string name, HealthReportEntry entry) in report.Entries)
        {
            if (!mapping.HealthCheckPredicate(new HealthCheckMapContext(name, entry.Tags)))
            {
                continue;
            }

            if (entry.Status == HealthStatus.Unhealthy)
            {
                return ServingStatus.NotServing;
            }

            status = ServingStatus.Serving;
        }

        return status;
    }
}
