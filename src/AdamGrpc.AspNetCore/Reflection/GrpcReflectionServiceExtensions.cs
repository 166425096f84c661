namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers gRPC reflection.</summary>
public static class GrpcReflectionServiceExtensions
{
    /// <summary>Registers the reflection services.</summary>
    /// <param name="services">The services of the application.</param>
    public static IServiceCollection AddGrpcReflection(this IServiceCollection services) => services;
}
