using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using Grpc.AspNetCore.Server.Internal.CallHandlers;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>Makes a request delegate of each method of a service.</summary>
internal sealed class ServiceEndpointBinder<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.All)] TService>(
    MethodOptions options, ServiceActivator<TService> activator, ILogger logger) : ServiceBinderBase
    where TService : class
{
    /// <summary>The methods, in the order of the service.</summary>
    public List<MethodEndpoint> Endpoints { get; } = [];

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo implementation = Find(method, typeof(TRequest), typeof(ServerCallContext));
        Add(method, implementation, new UnaryCallHandler<TService, TRequest, TResponse>(
            method,
            options,
            activator,
            logger,
            options.Interceptors.Wrap(implementation.CreateDelegate<UnaryServerMethod<TService, TRequest, TResponse>>())).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo implementation = Find(method, typeof(IAsyncStreamReader<TRequest>), typeof(ServerCallContext));
        Add(method, implementation, new ClientStreamingCallHandler<TService, TRequest, TResponse>(
            method,
            options,
            activator,
            logger,
            options.Interceptors.Wrap(implementation.CreateDelegate<ClientStreamingServerMethod<TService, TRequest, TResponse>>())).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo implementation = Find(method, typeof(TRequest), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Add(method, implementation, new ServerStreamingCallHandler<TService, TRequest, TResponse>(
            method,
            options,
            activator,
            logger,
            options.Interceptors.Wrap(implementation.CreateDelegate<ServerStreamingServerMethod<TService, TRequest, TResponse>>())).HandleAsync);
    }

    public override void AddMethod<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexStreamingServerMethod<TRequest, TResponse>? handler)
    {
        MethodInfo implementation = Find(
            method, typeof(IAsyncStreamReader<TRequest>), typeof(IServerStreamWriter<TResponse>), typeof(ServerCallContext));
        Add(method, implementation, new DuplexStreamingCallHandler<TService, TRequest, TResponse>(
            method,
            options,
            activator,
            logger,
            options.Interceptors.Wrap(implementation.CreateDelegate<DuplexStreamingServerMethod<TService, TRequest, TResponse>>())).HandleAsync);
    }

    private static MethodInfo Find(IMethod method, params Type[] parameters) =>
        typeof(TService).GetMethod(method.Name, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance, parameters)
        ?? throw new InvalidOperationException(
            $"{typeof(TService)} has no method {method.Name}({string.Join(", ", parameters.Select(type => type.Name))}).");

    private void Add(IMethod method, MethodInfo implementation, RequestDelegate requestDelegate) =>
        Endpoints.Add(new MethodEndpoint(
            method,
            requestDelegate,
            [
                new GrpcMethodMetadata(typeof(TService), method),
                .. typeof(TService).GetCustomAttributes(inherit: true),
                .. implementation.GetCustomAttributes(inherit: true),
            ]));
}
