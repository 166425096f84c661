using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Adam.Client.Internal;

/// <summary>The HTTP handler of a client that was given none.</summary>
internal static class ServiceHandler
{
    /// <summary>A first window of 1 MiB: with the default of 64 KiB large replies begin slowly.</summary>
    private const int StreamWindowBytes = 1024 * 1024;

    /// <summary>A service that accepts no connection in this time is not there.</summary>
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long a connection with calls on it may be silent before it is asked for a sign of life: steps have no deadline, and nothing else
    /// would tell a trainer that the service's machine is gone.
    /// </summary>
    private static readonly TimeSpan PingDelay = TimeSpan.FromSeconds(30);

    /// <summary>How long the sign of life may take.</summary>
    private static readonly TimeSpan PingTimeout = TimeSpan.FromSeconds(20);

    public static SocketsHttpHandler Create(AdamClientOptions options)
    {
        var address = options.Address!;
        var handler = new SocketsHttpHandler
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
        if (address.Scheme == UnixSocket.Scheme)
        {
            handler.ConnectCallback = (_, cancellationToken) => UnixSocket.ConnectAsync(address, cancellationToken);
        }

        if (options.TrustedCertificates is { } trusted)
        {
            handler.SslOptions.CertificateChainPolicy = TrustOnly(trusted);
        }

        if (options.ClientCertificate is { } certificate)
        {
            // A context, because a mere certificate is left out when the service names other authorities. Offline: nothing is fetched.
            handler.SslOptions.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, null, offline: true);
        }

        return handler;
    }

    private static X509ChainPolicy TrustOnly(IReadOnlyList<X509Certificate2> certificates)
    {
        var policy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust,
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        policy.CustomTrustStore.AddRange(certificates.ToArray());
        return policy;
    }
}
