using Grpc.AspNetCore.Reflection.Internal;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC reflection.</summary>
public static class GrpcReflectionEndpointRouteBuilderExtensions
{
    /// <summary>Maps <c>grpc.reflection.v1.ServerReflection</c> and its <c>v1alpha</c> form.</summary>
    /// <param name="builder">The routes of the application.</param>
    /// <exception cref="InvalidOperationException">Reflection is not registered.</exception>
    public static IEndpointConventionBuilder MapGrpcReflectionService(this IEndpointRouteBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (builder.ServiceProvider.GetService<IServiceProviderIsService>()?.IsService(typeof(MappedServices)) == false)
        {
            throw new InvalidOperationException("Reflection is not registered: call AddGrpcReflection on the services of the application.");
        }

        return new GrpcServiceEndpointConventionBuilder(
            [builder.MapGrpcService<ReflectionServiceV1>(), builder.MapGrpcService<ReflectionServiceV1Alpha>()]);
    }
}
