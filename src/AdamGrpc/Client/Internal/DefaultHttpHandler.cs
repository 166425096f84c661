namespace Grpc.Net.Client.Internal;

/// <summary>The handler of a channel that was given none.</summary>
internal static class DefaultHttpHandler
{
    /// <summary>
    /// A first window of 512 KiB: the default of 64 KiB would stop a large response after each round trip until the window has grown, and
    /// what a reader lags behind is held in small arrays, of which the shared pool keeps few.
    /// </summary>
    private const int StreamWindowBytes = 512 * 1024;

    /// <summary>A server that accepts no connection in this time is not there.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a connection with calls on it may be silent before it is asked for a sign of life. Nothing else would tell a call without
    /// a deadline that the server's machine or the way to it is gone.
    /// </summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);

    /// <summary>How long the sign of life may take.</summary>
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    public static SocketsHttpHandler Create(Uri address) => new()
    {
        ConnectTimeout = ConnectTimeout,
        KeepAlivePingDelay = PingDelay,
        KeepAlivePingTimeout = PingTimeout,
        KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
        EnableMultipleHttp2Connections = true,
        InitialHttp2StreamWindowSize = StreamWindowBytes,
        PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        AllowAutoRedirect = false,
        UseCookies = false,

        // HTTP proxies pass TLS through, but do not speak HTTP/2 in clear text.
        UseProxy = address.Scheme == Uri.UriSchemeHttps,
    };
}
