using Grpc.AspNetCore.Web.Internal;
using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Answers calls of unknown services and methods with UNIMPLEMENTED. Only requests of gRPC and gRPC-Web are taken; all others are left to the rest of the
/// application.
/// </summary>
internal sealed class UnimplementedEndpoints
{
    private const string ServiceParameter = "unimplementedService";
    private const string MethodParameter = "unimplementedMethod";

    private static readonly Status ServiceStatus = new(StatusCode.Unimplemented, "Service is unimplemented.");
    private static readonly Status MethodStatus = new(StatusCode.Unimplemented, "Method is unimplemented.");

    private readonly HashSet<string> _services = new(StringComparer.Ordinal);
    private bool _isGlobalMapped;

    /// <summary>Maps the endpoint of unknown services, once in an application.</summary>
    public void MapServices(IEndpointRouteBuilder builder, ILogger logger)
    {
        if (_isGlobalMapped)
        {
            return;
        }

        _isGlobalMapped = true;
        Map(builder, $"/{{{ServiceParameter}}}/{{{MethodParameter}}}", "unimplemented service", httpContext =>
        {
            GrpcServerLog.ServiceUnimplemented(logger, (string?)httpContext.GetRouteValue(ServiceParameter) ?? "");
            return EndAsync(httpContext, ServiceStatus, logger);
        });
    }

    /// <summary>Maps the endpoint of unknown methods of a service, once for each service.</summary>
    /// <returns>Null when it is mapped already.</returns>
    public IEndpointConventionBuilder? MapMethods(IEndpointRouteBuilder builder, string service, ILogger logger) =>
        !_services.Add(service)
            ? null
            : Map(builder, $"/{service}/{{{MethodParameter}}}", $"unimplemented method of {service}", httpContext =>
            {
                GrpcServerLog.MethodUnimplemented(logger, (string?)httpContext.GetRouteValue(MethodParameter) ?? "");
                return EndAsync(httpContext, MethodStatus, logger);
            });

    private static IEndpointConventionBuilder Map(
        IEndpointRouteBuilder builder, string pattern, string name, RequestDelegate requestDelegate)
    {
        RouteValueDictionary policies = new() { [MethodParameter] = new GrpcRequestConstraint() };
        IEndpointConventionBuilder endpoint = builder.Map(
            RoutePatternFactory.Parse(pattern, defaults: null, parameterPolicies: policies), requestDelegate);
        endpoint.WithDisplayName($"gRPC - {name}");
        endpoint.WithMetadata(new HttpMethodMetadata([HttpMethods.Post], acceptCorsPreflight: true));
        return endpoint;
    }

    private static Task EndAsync(HttpContext httpContext, Status status, ILogger logger)
    {
        if (GrpcRequestCheck.TryAccept(httpContext, logger))
        {
            httpContext.Response.ContentType = GrpcProtocol.ContentType;
            CallResponse.SetStatus(httpContext, status, trailers: null, bodyStarted: false, logger);
        }

        return Task.CompletedTask;
    }

    private sealed class GrpcRequestConstraint : IRouteConstraint
    {
        public bool Match(
            HttpContext? httpContext, IRouter? route, string routeKey, RouteValueDictionary values, RouteDirection routeDirection) =>
            httpContext is not null
            && (GrpcProtocol.IsGrpcContentType(httpContext.Request.ContentType)
                || GrpcWebMediaType.Is(httpContext.Request.ContentType, out _)
                || IsCorsPreflight(httpContext.Request));

        // It has no content type, and is answered before it gets here, if somebody answers it.
        private static bool IsCorsPreflight(HttpRequest request) =>
            HttpMethods.IsOptions(request.Method)
            && request.Headers.Origin.Count > 0
            && request.Headers.AccessControlRequestMethod.Count > 0;
    }
}
