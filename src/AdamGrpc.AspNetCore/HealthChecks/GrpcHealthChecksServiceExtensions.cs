using Grpc.AspNetCore.HealthChecks;
using Grpc.AspNetCore.HealthChecks.Internal;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers the gRPC health service.</summary>
public static class GrpcHealthChecksServiceExtensions
{
    /// <summary>Registers the gRPC health service over the application's health checks.</summary>
    /// <param name="services">The services of the application.</param>
    /// <returns>Takes the health checks.</returns>
    public static IHealthChecksBuilder AddGrpcHealthChecks(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.Configure<GrpcHealthChecksOptions>(options =>
        {
            if (!options.Services.TryGetValue("", out _))
            {
                options.Services.Map("", _ => true);
            }
        });
        services.TryAddSingleton<HealthStatusBoard>();
        services.TryAddSingleton<HealthServiceImpl>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHealthCheckPublisher, GrpcHealthChecksPublisher>());
        return services.AddHealthChecks();
    }

    /// <summary>Registers the gRPC health service over the application's health checks.</summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="configure">Sets the options.</param>
    /// <returns>Takes the health checks.</returns>
    public static IHealthChecksBuilder AddGrpcHealthChecks(this IServiceCollection services, Action<GrpcHealthChecksOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        IHealthChecksBuilder builder = services.AddGrpcHealthChecks();
        services.Configure(configure);
        return builder;
    }
}
