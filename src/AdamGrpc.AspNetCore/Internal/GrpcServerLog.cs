using Grpc.Core;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>What the server logs. The exception of a handler is an error; all that a client alone can cause is not.</summary>
internal static partial class GrpcServerLog
{
    /// <summary>The category of all these messages.</summary>
    public const string Category = "Grpc.AspNetCore.Server.ServerCallHandler";

    [LoggerMessage(1, LogLevel.Information, "Request content type '{ContentType}' is not supported.", EventName = "UnsupportedContentType")]
    public static partial void UnsupportedContentType(ILogger logger, string? contentType);

    [LoggerMessage(2, LogLevel.Information, "Request protocol '{Protocol}' is not supported.", EventName = "UnsupportedProtocol")]
    public static partial void UnsupportedProtocol(ILogger logger, string protocol);

    [LoggerMessage(3, LogLevel.Error, "The handler of {Method} threw an exception.", EventName = "HandlerFailed")]
    public static partial void HandlerFailed(ILogger logger, string method, Exception exception);

    [LoggerMessage(4, LogLevel.Debug, "{Method} ended with {StatusCode}: {Detail}", EventName = "CallFailed")]
    public static partial void CallFailed(ILogger logger, string method, StatusCode statusCode, string detail, Exception exception);

    [LoggerMessage(5, LogLevel.Debug, "{Method} was cancelled.", EventName = "CallCancelled")]
    public static partial void CallCancelled(ILogger logger, string method, Exception exception);

    [LoggerMessage(6, LogLevel.Debug, "{Method} reached its deadline.", EventName = "DeadlineExceeded")]
    public static partial void DeadlineExceeded(ILogger logger, string method);

    [LoggerMessage(7, LogLevel.Debug, "The handler of {Method} failed after the call had ended.", EventName = "LateFailure")]
    public static partial void LateFailure(ILogger logger, string method, Exception exception);

    [LoggerMessage(8, LogLevel.Debug, "The end of {Method} could not be sent.", EventName = "EndNotSent")]
    public static partial void EndNotSent(ILogger logger, string method, Exception exception);

    [LoggerMessage(9, LogLevel.Error, "The trailers of {Method} cannot be sent.", EventName = "InvalidTrailers")]
    public static partial void InvalidTrailers(ILogger logger, string method, Exception exception);

    [LoggerMessage(10, LogLevel.Information, "Service '{Service}' is unimplemented.", EventName = "ServiceUnimplemented")]
    public static partial void ServiceUnimplemented(ILogger logger, string service);

    [LoggerMessage(11, LogLevel.Information, "Method '{Method}' is unimplemented.", EventName = "MethodUnimplemented")]
    public static partial void MethodUnimplemented(ILogger logger, string method);

    [LoggerMessage(12, LogLevel.Error, "A callback on the cancellation of {Method} threw an exception.", EventName = "CallbackFailed")]
    public static partial void CallbackFailed(ILogger logger, string method, Exception exception);
}
