using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>How a call ended.</summary>
/// <param name="Status">Its status.</param>
/// <param name="Trailers">Its trailers; empty when the server sent none.</param>
/// <param name="IsLocalCancellation">Whether this side ended the call, by cancellation or deadline.</param>
/// <param name="CancellationToken">The caller's token that ended it, if one did.</param>
internal sealed record CallOutcome(
    Status Status, Metadata Trailers, bool IsLocalCancellation = false, CancellationToken CancellationToken = default)
{
    /// <summary>The exception that shows this outcome.</summary>
    /// <param name="preferCanceledException">Whether a local cancellation shows as <see cref="OperationCanceledException"/>.</param>
    public Exception ToException(bool preferCanceledException)
    {
        RpcException exception = new(Status, Trailers);
        return preferCanceledException && IsLocalCancellation
            ? new OperationCanceledException(Status.Detail, exception, CancellationToken)
            : exception;
    }
}
