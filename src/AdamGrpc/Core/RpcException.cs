namespace Grpc.Core;

/// <summary>
/// A call that ended with another status than <see cref="StatusCode.OK"/>. A client receives it; a handler throws it to end its
/// call with that status and those trailers.
/// </summary>
public class RpcException : Exception
{
    /// <summary>Makes an exception without trailers.</summary>
    /// <param name="status">The status of the call.</param>
    public RpcException(Status status)
        : this(status, Metadata.Empty)
    {
    }

    /// <summary>Makes an exception without trailers, with a message of its own.</summary>
    /// <param name="status">The status of the call.</param>
    /// <param name="message">The message of the exception. It is not sent to the other side.</param>
    public RpcException(Status status, string message)
        : this(status, Metadata.Empty, message)
    {
    }

    /// <summary>Makes an exception with trailers.</summary>
    /// <param name="status">The status of the call.</param>
    /// <param name="trailers">The trailers that came with it, or are to be sent with it.</param>
    public RpcException(Status status, Metadata trailers)
        : this(status, trailers, status.ToString())
    {
    }

    /// <summary>Makes an exception with trailers and a message of its own.</summary>
    /// <param name="status">The status of the call.</param>
    /// <param name="trailers">The trailers that came with it, or are to be sent with it.</param>
    /// <param name="message">The message of the exception. It is not sent to the other side.</param>
    public RpcException(Status status, Metadata trailers, string message)
        : base(message, status.DebugException)
    {
        ArgumentNullException.ThrowIfNull(trailers);
        Status = status;
        Trailers = trailers;
    }

    /// <summary>The status of the call.</summary>
    public Status Status { get; }

    /// <summary>The code of <see cref="Status"/>.</summary>
    public StatusCode StatusCode => Status.StatusCode;

    /// <summary>The trailers of the call. Empty when there were none.</summary>
    public Metadata Trailers { get; }
}
