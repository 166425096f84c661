namespace Grpc.Net.Client.Internal;

/// <summary>The handler of a channel that was given none.</summary>
internal static class DefaultHttpHandler
{
    /// <summary>
    /// A first window of 1 MiB: the default of 64 KiB would stop a large response after each round trip until the window has grown.
    /// </summary>
    private const int StreamWindowBytes = 1024 * 1024;

    public static SocketsHttpHandler Create(Uri address) => new()
    {
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        AllowAutoRedirect = false,
        UseCookies = false,

        // HTTP proxies pass TLS through, but do not speak HTTP/2 in clear text.
        UseProxy = address.Scheme == Uri.UriSchemeHttps,
    };
}
