using Grpc.Core;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>A handler with one request and one response, on an instance that is given with each call.</summary>
internal delegate Task<TResponse> UnaryServerMethod<TService, TRequest, TResponse>(
    TService service, TRequest request, ServerCallContext context);

/// <summary>A handler with many requests and one response, on an instance that is given with each call.</summary>
internal delegate Task<TResponse> ClientStreamingServerMethod<TService, TRequest, TResponse>(
    TService service, IAsyncStreamReader<TRequest> requests, ServerCallContext context);

/// <summary>A handler with one request and many responses, on an instance that is given with each call.</summary>
internal delegate Task ServerStreamingServerMethod<TService, TRequest, TResponse>(
    TService service, TRequest request, IServerStreamWriter<TResponse> responses, ServerCallContext context);

/// <summary>A handler with many requests and many responses, on an instance that is given with each call.</summary>
internal delegate Task DuplexStreamingServerMethod<TService, TRequest, TResponse>(
    TService service, IAsyncStreamReader<TRequest> requests, IServerStreamWriter<TResponse> responses, ServerCallContext context);
