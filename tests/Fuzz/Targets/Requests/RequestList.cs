using Grpc.Core;

namespace Adam.Fuzz.Targets.Requests;

/// <summary>The requests of a stream that have all come.</summary>
internal sealed class RequestList<T>(IReadOnlyList<T> requests) : IAsyncStreamReader<T>
{
    private int _index = -1;

    public T Current => requests[_index];

    public Task<bool> MoveNext(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        return Task.FromResult(++_index < requests.Count);
    }
}
