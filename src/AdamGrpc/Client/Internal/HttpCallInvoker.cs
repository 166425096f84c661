using Grpc.Core;
using Grpc.Net.Client.Internal.Retry;

namespace Grpc.Net.Client.Internal;

/// <summary>Starts calls over the HTTP handler of a channel.</summary>
internal sealed class HttpCallInvoker(GrpcChannel channel) : CallInvoker
{
    // Made once, because a delegate of an interface's method is costly to make for each call.
    private static readonly Func<object, Task<Metadata>> HeadersOf = static call => ((IClientCall)call).ResponseHeadersAsync;
    private static readonly Func<object, Status> StatusOf = static call => ((IClientCall)call).GetStatus();
    private static readonly Func<object, Metadata> TrailersOf = static call => ((IClientCall)call).GetTrailers();
    private static readonly Action<object> DisposeOf = static call => ((IClientCall)call).Dispose();

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
        IClientCall<TRequest, TResponse> call = StartSingle(method, host, options, request);
        return new AsyncUnaryCall<TResponse>(
            call.ReadSingleAsync(), HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        IClientCall<TRequest, TResponse> call = StartSingle(method, host, options, request);
        return new AsyncServerStreamingCall<TResponse>(
            call.ResponseReader, HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        IClientCall<TRequest, TResponse> call = StartStream(method, host, options);
        return new AsyncClientStreamingCall<TRequest, TResponse>(
            call.RequestWriter, call.ReadSingleAsync(), HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        IClientCall<TRequest, TResponse> call = StartStream(method, host, options);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.RequestWriter, call.ResponseReader, HeadersOf, StatusOf, TrailersOf, DisposeOf, call);
    }

    private IClientCall<TRequest, TResponse> StartSingle<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
        where TRequest : class
        where TResponse : class
    {
        if (channel.Methods.FindRetry(method) is { } retry)
        {
            return RetryingCall<TRequest, TResponse>.StartSingle(channel, method, host, options, retry, request);
        }

        GrpcCall<TRequest, TResponse> call = new(channel, method, host, options);
        call.StartSingle(request);
        return call;
    }

    private IClientCall<TRequest, TResponse> StartStream<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
        where TRequest : class
        where TResponse : class
    {
        if (channel.Methods.FindRetry(method) is { } retry)
        {
            return RetryingCall<TRequest, TResponse>.StartStream(channel, method, host, options, retry);
        }

        GrpcCall<TRequest, TResponse> call = new(channel, method, host, options);
        call.StartStream();
        return call;
    }
}
