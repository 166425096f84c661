using Grpc.Core;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>The responses of a call that may be repeated: those of the attempt that counts.</summary>
internal sealed class RetryingStreamReader<TRequest, TResponse>(RetryingCall<TRequest, TResponse> call) : IAsyncStreamReader<TResponse>
    where TRequest : class
    where TResponse : class
{
    private IAsyncStreamReader<TResponse>? _reader;
    private int _isWaiting;

    public TResponse Current => _reader is { } reader
        ? reader.Current
        : throw new InvalidOperationException("No response has been read, or all have.");

    public Task<bool> MoveNext(CancellationToken cancellationToken) =>
        _reader is { } reader ? reader.MoveNext(cancellationToken) : WaitAndMoveAsync(cancellationToken);

    private async Task<bool> WaitAndMoveAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _isWaiting, 1) != 0)
        {
            throw new InvalidOperationException("Can't read the next message because the previous read is still in progress.");
        }

        using (cancellationToken.UnsafeRegister(
            static (state, token) => ((RetryingCall<TRequest, TResponse>)state!).AbortByCaller(token), call))
        {
            _reader = (await call.FindCommittedAsync()).ResponseReader;
        }

        return await _reader.MoveNext(cancellationToken);
    }
}
