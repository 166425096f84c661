using System.Net;
using System.Net.Sockets;
using Grpc.Core;

namespace Grpc.Net.Client.Internal;

/// <summary>Failures of HTTP as statuses, by the tables of the gRPC specification.</summary>
internal static class HttpErrors
{
    /// <summary>The status of a response that is not one of gRPC, by its HTTP status.</summary>
    public static StatusCode ToStatusCode(HttpStatusCode httpStatus) => httpStatus switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests
            or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    /// <summary>The status of a call that an exception of the HTTP handler ended.</summary>
    /// <param name="exception">The exception.</param>
    /// <param name="isAnswered">Whether the headers of the response had arrived.</param>
    public static Status ToStatus(Exception exception, bool isAnswered)
    {
        for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case HttpProtocolException protocol:
                    return new Status(
                        ToStatusCode(protocol.ErrorCode, isAnswered), $"The server ended the stream or connection: {protocol.Message}", exception);
                case HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError }:
                    return new Status(StatusCode.Internal, $"The server does not speak HTTP/2: {cause.Message}", exception);
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.InvalidResponse
                } when !IsCutOff(exception):
                case HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConfigurationLimitExceeded
                        or HttpRequestError.ExtendedConnectNotSupported
                        or HttpRequestError.UserAuthenticationError
                }:
                    return new Status(StatusCode.Internal, $"The call failed: {exception.Message}", exception);
                case SocketException or HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError
                        or HttpRequestError.NameResolutionError
                        or HttpRequestError.SecureConnectionError
                        or HttpRequestError.ProxyTunnelError
                }:
                    return new Status(StatusCode.Unavailable, $"The server cannot be reached: {exception.Message}", exception);
            }
        }

        // A connection that breaks in the middle of a response, was closed while a request was on its way, or took too long to be made.
        return exception is IOException or HttpRequestException or OperationCanceledException or TimeoutException
            ? new Status(StatusCode.Unavailable, $"The connection broke: {exception.Message}", exception)
            : new Status(StatusCode.Internal, $"The call failed: {exception.Message}", exception);
    }

    /// <summary>
    /// Whether an exception of the HTTP handler, which had not begun to send the request, says that there was no connection to send it over.
    /// </summary>
    public static bool IsWithoutConnection(Exception exception) => IsCutOff(exception) || exception is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError
            or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError
            or HttpRequestError.ProxyTunnelError
    } or OperationCanceledException { InnerException: TimeoutException };

    /// <summary>
    /// Whether the connection ended where something had to come. During the handshake of HTTP/2 the handler calls that an invalid response,
    /// and yet it is a server that goes away, or that does not like the client's certificate.
    /// </summary>
    private static bool IsCutOff(Exception? exception) =>
        exception is HttpIOException { HttpRequestError: HttpRequestError.ResponseEnded }
        || (exception is not null && IsCutOff(exception.InnerException));

    /// <summary>
    /// The status of an HTTP/2 error code. Code 0 ends a call that has no answer yet by GOAWAY, when the server shuts down: another
    /// connection will serve. One that has an answer is spared by that, so its server reset the stream and left the status out.
    /// </summary>
    private static StatusCode ToStatusCode(long errorCode, bool isAnswered) => errorCode switch
    {
        0x0 => isAnswered ? StatusCode.Internal : StatusCode.Unavailable, // NO_ERROR
        0x5 => StatusCode.Unknown, // STREAM_CLOSED
        0x7 => StatusCode.Unavailable, // REFUSED_STREAM
        0x8 => StatusCode.Cancelled, // CANCEL
        0xb => StatusCode.ResourceExhausted, // ENHANCE_YOUR_CALM
        0xc => StatusCode.PermissionDenied, // INADEQUATE_SECURITY
        0xd => StatusCode.Unknown, // HTTP_1_1_REQUIRED
        _ => StatusCode.Internal, // PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR and the other faults of framing
    };
}
