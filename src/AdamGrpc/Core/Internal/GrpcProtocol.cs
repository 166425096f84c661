namespace Grpc.Core.Internal;

/// <summary>The names and numbers of gRPC over HTTP/2 that both sides use.</summary>
internal static class GrpcProtocol
{
    /// <summary>The media type of requests and responses. A suffix such as <c>+proto</c> may follow it.</summary>
    public const string ContentType = "application/grpc";

    /// <summary>Asks for trailers, which carry the status. HTTP/2 knows no other value of <c>te</c>.</summary>
    public const string TeHeader = "te";

    /// <summary>The only value of <see cref="TeHeader"/>.</summary>
    public const string TeTrailers = "trailers";

    /// <summary>The time that the caller gives the call, as a number of up to eight digits and a unit.</summary>
    public const string TimeoutHeader = "grpc-timeout";

    /// <summary>How often the call was tried before, in requests of calls that are repeated.</summary>
    public const string PreviousAttemptsHeader = "grpc-previous-rpc-attempts";

    /// <summary>
    /// The trailer by which a server says when a call may be repeated: after a number of milliseconds, or not at all, which anything else
    /// stands for.
    /// </summary>
    public const string RetryPushbackTrailer = "grpc-retry-pushback-ms";

    /// <summary>The coding of compressed messages in this direction.</summary>
    public const string EncodingHeader = "grpc-encoding";

    /// <summary>The codings that the sender of the header understands.</summary>
    public const string AcceptEncodingHeader = "grpc-accept-encoding";

    /// <summary>
    /// Metadata by which a caller or handler chooses the coding of its own messages. It is not sent: <see cref="EncodingHeader"/> is.
    /// </summary>
    public const string EncodingRequestKey = "grpc-internal-encoding-request";

    /// <summary>The coding that changes nothing.</summary>
    public const string IdentityEncoding = "identity";

    /// <summary>The trailer with the status code as a decimal number.</summary>
    public const string StatusTrailer = "grpc-status";

    /// <summary>The trailer with the percent-encoded text of the status.</summary>
    public const string MessageTrailer = "grpc-message";

    /// <summary>The length of what precedes each message: one byte of flags, four of length in network order.</summary>
    public const int PrefixSize = 5;

    /// <summary>The flag byte of a message that is not compressed.</summary>
    public const byte NotCompressed = 0;

    /// <summary>The flag byte of a message that is compressed with the coding of <see cref="EncodingHeader"/>.</summary>
    public const byte Compressed = 1;

    private static readonly HashSet<string> ReservedNames = new(StringComparer.OrdinalIgnoreCase)
    {
        TeHeader, TimeoutHeader, EncodingHeader, AcceptEncodingHeader, EncodingRequestKey, StatusTrailer, MessageTrailer,
        "content-type", "content-length", "content-encoding", "accept-encoding", "host", "connection", "transfer-encoding", "upgrade",
    };

    /// <summary>Whether a media type is that of gRPC, with or without suffix and parameters, but not that of gRPC-Web.</summary>
    public static bool IsGrpcContentType(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>
    /// Whether a header is one of the protocol itself, or of HTTP/2. Such headers are neither shown as metadata nor sent from it.
    /// </summary>
    public static bool IsReserved(string name) => name.Length == 0 || name[0] == ':' || ReservedNames.Contains(name);
}
