using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// Puts interceptors before the handlers of a service. One that is registered as a service comes from the scope of the call; any other is
/// made for the call and disposed after it.
/// </summary>
/// <param name="registrations">The interceptors, the outermost first.</param>
internal sealed class InterceptorPipeline(IReadOnlyList<InterceptorRegistration> registrations)
{
    public UnaryServerMethod<TService, TRequest, TResponse> Wrap<TService, TRequest, TResponse>(
        UnaryServerMethod<TService, TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class => registrations.Reverse().Aggregate(handler, (next, registration) => (service, request, context) =>
        RunAsync(registration, context, interceptor => interceptor.UnaryServerHandler<TRequest, TResponse>(
            request, context, (innerRequest, innerContext) => next(service, innerRequest, innerContext))));

    public ClientStreamingServerMethod<TService, TRequest, TResponse> Wrap<TService, TRequest, TResponse>(
        ClientStreamingServerMethod<TService, TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class => registrations.Reverse().Aggregate(handler, (next, registration) => (service, requests, context) =>
        RunAsync(registration, context, interceptor => interceptor.ClientStreamingServerHandler<TRequest, TResponse>(
            requests, context, (innerRequests, innerContext) => next(service, innerRequests, innerContext))));

    public ServerStreamingServerMethod<TService, TRequest, TResponse> Wrap<TService, TRequest, TResponse>(
        ServerStreamingServerMethod<TService, TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class => registrations.Reverse().Aggregate(handler, (next, registration) => (service, request, responses, context) =>
        RunAsync(registration, context, interceptor => Completed(interceptor.ServerStreamingServerHandler<TRequest, TResponse>(
            request, responses, context, (innerRequest, innerResponses, innerContext) =>
                next(service, innerRequest, innerResponses, innerContext)))));

    public DuplexStreamingServerMethod<TService, TRequest, TResponse> Wrap<TService, TRequest, TResponse>(
        DuplexStreamingServerMethod<TService, TRequest, TResponse> handler)
        where TRequest : class
        where TResponse : class => registrations.Reverse().Aggregate(handler, (next, registration) => (service, requests, responses, context) =>
        RunAsync(registration, context, interceptor => Completed(interceptor.DuplexStreamingServerHandler<TRequest, TResponse>(
            requests, responses, context, (innerRequests, innerResponses, innerContext) =>
                next(service, innerRequests, innerResponses, innerContext)))));

    private static async Task<bool> Completed(Task task)
    {
        await task;
        return true;
    }

    private static async Task<TResult> RunAsync<TResult>(
        InterceptorRegistration registration, ServerCallContext context, Func<Interceptor, Task<TResult>> run)
    {
        IServiceProvider services = context.GetHttpContext().RequestServices;
        if (registration.Arguments.Length == 0 && services.GetService(registration.Type) is Interceptor registered)
        {
            return await run(registered);
        }

        Interceptor created = (Interceptor)ActivatorUtilities.CreateInstance(services, registration.Type, registration.Arguments);
        try
        {
            return await run(created);
        }
        finally
        {
            if (created is IAsyncDisposable asyncDisposable)
            {
                await asyncDisposable.DisposeAsync();
            }
            else if (created is IDisposable disposable)
            {
                disposable.Dispose();
            }
        }
    }
}
