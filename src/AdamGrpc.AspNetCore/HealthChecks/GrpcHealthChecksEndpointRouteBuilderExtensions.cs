using Grpc.AspNetCore.HealthChecks.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps the gRPC health service.</summary>
public static class GrpcHealthChecksEndpointRouteBuilderExtensions
{
    /// <summary>Maps <c>grpc.health.v1.Health</c>.</summary>
    /// <param name="builder">The routes of the application.</param>
    /// <exception cref="InvalidOperationException">The health service is not registered.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcHealthChecksService(this IEndpointRouteBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.ServiceProvider.GetService<HealthServiceImpl>() is null
            ? throw new InvalidOperationException(
                "The health service is not registered: call AddGrpcHealthChecks on the services of the application.")
            : builder.MapGrpcService<HealthServiceImpl>();
    }
}
