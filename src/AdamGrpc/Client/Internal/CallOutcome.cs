using System.Net.Http.Headers;
using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>How a call ended.</summary>
/// <param name="Status">Its status.</param>
/// <param name="IsLocalCancellation">Whether this side ended the call, by cancellation or deadline.</param>
/// <param name="CancellationToken">The caller's token that ended it, if one did.</param>
internal sealed record CallOutcome(Status Status, bool IsLocalCancellation = false, CancellationToken CancellationToken = default)
{
    private readonly HttpHeaders? _headers;
    private Metadata? _trailers;

    /// <summary>An end with trailers.</summary>
    /// <param name="status">The status.</param>
    /// <param name="trailers">The trailers.</param>
    public CallOutcome(Status status, Metadata trailers)
        : this(status) => _trailers = trailers;

    /// <summary>An end with trailers that are read when somebody asks for them: hardly anybody does.</summary>
    /// <param name="status">The status.</param>
    /// <param name="trailers">Where they came in. Nothing is added to these any more.</param>
    public CallOutcome(Status status, HttpHeaders trailers)
        : this(status) => _headers = trailers;

    /// <summary>Its trailers; empty when the server sent none.</summary>
    public Metadata Trailers => _trailers ??= _headers is null ? Metadata.Empty : ResponseHeaders.ToMetadata(_headers);

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
