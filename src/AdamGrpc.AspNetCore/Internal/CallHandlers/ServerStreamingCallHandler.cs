using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

internal sealed class ServerStreamingCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodOptions options,
    ServiceActivator<TService> activator,
    ILogger logger,
    ServerStreamingServerMethod<TService, TRequest, TResponse> handler)
    : ServerCallHandler<TService, TRequest, TResponse>(method, options, logger)
    where TService : class
    where TRequest : class
    where TResponse : class
{
    protected override async Task InvokeAsync(
        HttpContextServerCallContext context, RequestReader<TRequest> requests, ResponseWriter<TResponse> responses)
    {
        TRequest request = await requests.ReadSingleAsync();
        TService service = activator.Take(context.HttpContext, out bool isOwned);
        try
        {
            await handler(service, request, responses, context);
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
