using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>The responses of a call.</summary>
internal sealed class ClientStreamReader<TRequest, TResponse>(GrpcCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private TResponse? _current;
    private int _isReading;

    public TResponse Current => _current ?? throw new InvalidOperationException("No response has been read, or all have.");

    public async Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isReading, 1) != 0)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");
        }

        try
        {
            _current = null;
            using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
                static (state, token) => ((GrpcCall<TRequest, TResponse>)state!).AbortByCaller(token), call);
            _current = await call.ReadNextAsync();
            return _current is not null;
        }
        finally
        {
            Volatile.Write(ref _isReading, 0);
        }
    }
}
