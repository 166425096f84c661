using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Starts calls over the HTTP handler of a channel.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        // Started on the pool, so that a caller with a synchronization context does not wait for itself.
        return Task.Run(async () =>
        {
            using AsyncUnaryCall<TResponse> call = AsyncUnaryCall(method, host, options, request);
            return await call.ResponseAsync;
        }).GetAwaiter().GetResult();
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        GrpcCall<TRequest, TResponse> call = new(channel, method, host, options);
        call.Start(call.CreateSingleContent(request));
        return new AsyncUnaryCall<TResponse>(
            call.ReadSingleAsync(), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        GrpcCall<TRequest, TResponse> call = new(channel, method, host, options);
        call.Start(call.CreateSingleContent(request));
        return new AsyncServerStreamingCall<TResponse>(
            call.ResponseReader, call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        GrpcCall<TRequest, TResponse> call = new(channel, method, host, options);
        RequestStreamContent content = new();
        call.Start(content);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            new ClientStreamWriter<TRequest, TResponse>(call, content),
            call.ReadSingleAsync(),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        GrpcCall<TRequest, TResponse> call = new(channel, method, host, options);
        RequestStreamContent content = new();
        call.Start(content);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            new ClientStreamWriter<TRequest, TResponse>(call, content),
            call.ResponseReader,
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Dispose);
    }
}
