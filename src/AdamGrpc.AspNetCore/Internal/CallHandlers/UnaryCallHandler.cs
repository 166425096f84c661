using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal.CallHandlers;

internal sealed class UnaryCallHandler<TService, TRequest, TResponse>(
    Method<TRequest, TResponse> method,
    MethodOptions options,
    ServiceActivator<TService> activator,
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
        TService service = activator.Take(context.HttpContext, out bool isOwned);
        TResponse response;
        try
        {
            response = await handler(service, request, context);
        }
        finally
        {
            if (isOwned)
            {
                await ServiceActivator<TService>.ReleaseAsync(service);
            }
        }

        WriteSingle(context, responses, response);
    }
}
