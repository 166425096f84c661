using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

internal sealed class UnaryCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodOptions options,
    ILogger logger,
    UnaryServerMethod<TService, TRequest, TResponse> handler)
    : ServerCallHandler<TService, TRequest, TResponse>(method, options, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(
        HttpContextServerCallContext context, RequestReader<TRequest> requests, ResponseWriter<TResponse> responses)
    {
        TRequest request = await requests.ReadSingleAsync();
        TResponse response = await ServiceActivator<TService>.RunAsync(
            context.HttpContext.RequestServices, service => handler(service, request, context));
        WriteSingle(context, responses, response);
    }
}
