using Grpc.Core;

namespace Adam.Client.Tests.Support;

/// <summary>Lets a test act between the service's message and the SDK: at a known place, without a clock.</summary>
internal sealed class ListeningInvoker(CallInvoker inner) : CallInvoker
{
    /// <summary>Runs with every answer and every message of a two-way stream before the SDK has it.</summary>
    public Func<object, Task> OnReceived { get; set; } = _ => Task.CompletedTask;

    /// <summary>Refuses a call of a method, as if the service had: null lets it through.</summary>
    public Func<string, RpcException?> Refuse { get; set; } = _ => null;

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        if (Refuse(method.Name) is { } refusal)
        {
            return new AsyncUnaryCall<TResponse>(
                Task.FromException<TResponse>(refusal), Task.FromResult(new Metadata()), () => refusal.Status, () => refusal.Trailers, () => { });
        }

        var call = inner.AsyncUnaryCall(method, host, options, request);
        return new AsyncUnaryCall<TResponse>(
            ListenAsync(call), call.ResponseHeadersAsync, call.GetStatus, call.GetTrailers, call.Dispose);
    }

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options)
    {
        var refusal = Refuse(method.Name);
        var call = inner.AsyncDuplexStreamingCall(method, host, options);
        return new AsyncDuplexStreamingCall<TRequest, TResponse>(
            call.RequestStream,
            new Reader<TResponse>(this, call.ResponseStream, refusal),
            call.ResponseHeadersAsync,
            call.GetStatus,
            call.GetTrailers,
            call.Dispose);
    }

    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        inner.BlockingUnaryCall(method, host, options, request);

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) =>
        inner.AsyncServerStreamingCall(method, host, options, request);

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) =>
        inner.AsyncClientStreamingCall(method, host, options);

    private async Task<TResponse> ListenAsync<TResponse>(AsyncUnaryCall<TResponse> call)
        where TResponse : class
    {
        var answer = await call.ResponseAsync;
        await OnReceived(answer);
        return answer;
    }

    private sealed class Reader<T>(ListeningInvoker listener, IAsyncStreamReader<T> inner, RpcException? refusal) : IAsyncStreamReader<T>
        where T : class
    {
        public T Current => inner.Current;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            if (refusal is not null)
            {
                throw refusal;
            }

            if (!await inner.MoveNext(cancellationToken))
            {
                return false;
            }

            await listener.OnReceived(inner.Current);
            return true;
        }
    }
}
