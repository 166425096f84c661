using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

internal sealed class DuplexStreamingCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodOptions options,
    ServiceActivator<TService> activator,
    ILogger logger,
    DuplexStreamingServerMethod<TService, TRequest, TResponse> handler)
    : ServerCallHandler<TService, TRequest, TResponse>(method, options, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(
        HttpContextServerCallContext context, RequestReader<TRequest> requests, ResponseWriter<TResponse> responses)
    {
        TService service = activator.Take(context.HttpContext, out bool isOwned);
        try
        {
            await handler(service, requests, responses, context);
        }
        finally
        {
            if (isOwned)
            {
                await ServiceActivator<TService>.ReleaseAsync(service);
            }
        }
    }
}
