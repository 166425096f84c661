using System.Diagnostics.CodeAnalysis;
using Grpc.AspNetCore.Server.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

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
        UnimplementedEndpoints unimplemented = builder.ServiceProvider.GetService<UnimplementedEndpoints>()
            ?? throw new InvalidOperationException("gRPC is not registered: call AddGrpc on the services of the application.");
        ILogger logger = builder.ServiceProvider.GetRequiredService<ILoggerFactory>().CreateLogger(GrpcServerLog.Category);
        MethodOptions options = MethodOptions.Resolve<TService>(builder.ServiceProvider);
        ServiceEndpointBinder<TService> binder = new(options, new ServiceActivator<TService>(builder.ServiceProvider), logger);
        ServiceBinding.Bind(typeof(TService), binder);

        List<IEndpointConventionBuilder> endpoints = [];
        foreach (MethodEndpoint method in binder.Endpoints)
        {
            endpoints.Add(builder.Map(method.Method.FullName, method.RequestDelegate)
                .WithDisplayName($"gRPC - {method.Method.FullName}")
                .WithMetadata(new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true))
                .WithMetadata([.. method.Metadata]));
        }

        if (!options.IgnoreUnknownServices)
        {
            unimplemented.MapServices(builder, logger);
            foreach (string service in binder.Endpoints.Select(method => method.Method.ServiceName).Distinct())
            {
                if (unimplemented.MapMethods(builder, service, logger) is { } endpoint)
                {
                    endpoints.Add(endpoint);
                }
            }
        }

        return new GrpcServiceEndpointConventionBuilder(endpoints);
    }
}
