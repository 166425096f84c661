using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>What holds for every call: its deadline, and that no <see cref="RpcException"/> leaves the SDK.</summary>
internal sealed class CallPolicy(TimeSpan? timeout)
{
    /// <summary>The longest that a call without a stream may take. Null: no limit.</summary>
    public TimeSpan? Timeout { get; } = timeout;

    /// <summary>Options of a call without a stream.</summary>
    public CallOptions Unary(CancellationToken cancellationToken) => new(
        deadline: Timeout is { } limit ? (TimeProvider.System.GetUtcNow() + limit).UtcDateTime : null,
        cancellationToken: cancellationToken);

    /// <summary>Options of a call with a stream: bulk data takes the time that it takes.</summary>
    public static CallOptions Streaming(CancellationToken cancellationToken) => new(cancellationToken: cancellationToken);

    /// <summary>Waits for an answer and translates refusals.</summary>
    public static async Task<T> RunAsync<T>(AsyncUnaryCall<T> call, CancellationToken cancellationToken)
    {
        using (call)
        {
            try
            {
                return await call.ResponseAsync;
            }
            catch (RpcException failure)
            {
                throw ErrorTranslator.Translate(failure, cancellationToken);
            }
        }
    }
}
