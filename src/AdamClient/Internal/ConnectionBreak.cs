using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>Tells a call that lost its connection, or found a service that is not ready, from one that the service refused.</summary>
internal static class ConnectionBreak
{
    /// <summary>
    /// Whether opening again may help: the service was unavailable, whatever reason it gave, or the transport failed and no service spoke. HTTP/2 has
    /// several codes for the latter (a reset stream is CANCELLED or INTERNAL), which come with an exception of the handler and without a reason.
    /// </summary>
    public static bool Is(Exception failure) => failure is AdamException refused
        && (refused.StatusCode == StatusCode.Unavailable || (refused.ReasonText.Length == 0 && IsOfTransport(refused.InnerException)));

    private static bool IsOfTransport(Exception? cause) =>
        cause is RpcException { Status.DebugException: IOException or HttpRequestException };
}
