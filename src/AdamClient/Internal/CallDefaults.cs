using Grpc.Core;
using Grpc.Core.Interceptors;

namespace Adam.Client.Internal;

/// <summary>What the options say of every call: who makes it, and whether it waits for the service.</summary>
internal sealed class CallDefaults(CallCredentials? credentials, bool waits) : Interceptor
{
    private const string AuthorizationHeader = "authorization";

    public static CallDefaults Create(AdamClientOptions options)
    {
        var parts = new List<CallCredentials>();
        if (options.BearerToken is { } token)
        {
            parts.Add(CallCredentials.FromInterceptor((_, metadata) =>
            {
                metadata.Add(AuthorizationHeader, $"Bearer {token}");
                return Task.CompletedTask;
            }));
        }

        if (options.CallHeaders is { } ask)
        {
            parts.Add(CallCredentials.FromInterceptor(async (context, metadata) =>
            {
                foreach (var (key, value) in await ask(context.CancellationToken))
                {
                    metadata.Add(key, value);
                }
            }));
        }

        return new CallDefaults(
            parts.Count > 1 ? CallCredentials.Compose([.. parts]) : parts.SingleOrDefault(),
            options.WaitForService);
    }

    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncUnaryCallContinuation<TRequest, TResponse> continuation) => continuation(request, Apply(context));

    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request,
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(request, Apply(context));

    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Apply(context));

    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context,
        AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation) => continuation(Apply(context));

    private ClientInterceptorContext<TRequest, TResponse> Apply<TRequest, TResponse>(
        in ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        var options = context.Options.WithWaitForReady(waits);
        return new(context.Method, context.Host, credentials is null ? options : options.WithCredentials(credentials));
    }
}
