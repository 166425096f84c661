using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Web.Internal;

/// <summary>What is logged about gRPC-Web.</summary>
internal static partial class GrpcWebLog
{
    [LoggerMessage(1, LogLevel.Debug, "A request with content type '{ContentType}' is served as gRPC-Web.")]
    public static partial void Serving(ILogger logger, string? contentType);

    [LoggerMessage(2, LogLevel.Debug, "A gRPC-Web request is not served as such: {Path} has it not enabled.")]
    public static partial void NotEnabled(ILogger logger, string? path);

    [LoggerMessage(3, LogLevel.Error, "The trailers of {Path} contain characters that cannot be sent.")]
    public static partial void InvalidTrailers(ILogger logger, string? path);
}
