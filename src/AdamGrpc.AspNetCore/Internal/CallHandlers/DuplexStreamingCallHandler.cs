using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

internal sealed class DuplexStreamingCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodOptions options,
    ILogger logger,
    DuplexStreamingServerMethod<TService, TRequest, TResponse> handler)
    : ServerCallHandler<TService, TRequest, TResponse>(method, options, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override Task InvokeAsync(
        HttpContextServerCallContext context, RequestReader<TRequest> requests, ResponseWriter<TResponse> responses) =>
        ServiceActivator<TService>.RunAsync(
            context.HttpContext.RequestServices, service => handler(service, requests, responses, context));
}
