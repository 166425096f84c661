using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>Two endpoints: gRPC over HTTP/2 under guard, probes over HTTP/1.1.</summary>
/// <remarks>They cannot share one: without TLS, an endpoint for both versions refuses HTTP/2.</remarks>
internal sealed class KestrelEndpoints(
    IOptions<ServerOptions> server,
    IOptions<Http2Options> http2,
    GuardedConnections connections,
    TlsCertificates certificates,
    ILogger<KestrelEndpoints> logger)
    : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        Listen(options, server.Value.GrpcUrl, HttpProtocols.Http2, asksClients: true);
        Listen(options, server.Value.HttpUrl, HttpProtocols.Http1, asksClients: false);
        SetLimits(options.Limits, http2.Value);
    }

    private static void SetLimits(KestrelServerLimits limits, Http2Options http2)
    {
        // Kestrel ends a whole connection, with every stream on it, when one response is read slowly; Http2:CallIdleSeconds ends the
        // one call. The request side has no such rate for gRPC calls, which lift it.
        limits.MinResponseDataRate = null;

        limits.KeepAliveTimeout = TimeSpan.FromSeconds(http2.KeepAliveSeconds);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(http2.RequestHeadersSeconds);
        limits.MaxRequestHeadersTotalSize = http2.HeaderBytesMax;
        limits.MaxRequestHeaderCount = http2.HeaderCountMax;
        limits.Http2.MaxRequestHeaderFieldSize = http2.HeaderBytesMax;
        limits.Http2.HeaderTableSize = http2.HeaderTableBytes;
        limits.Http2.MaxFrameSize = http2.FrameBytesMax;
        limits.Http2.MaxStreamsPerConnection = http2.StreamsPerConnectionMax;
        limits.Http2.InitialConnectionWindowSize = http2.ConnectionWindowBytes;
        limits.Http2.InitialStreamWindowSize = http2.StreamWindowBytes;

        // A peer that is gone without a word is noticed after these two, and its workers are free again.
        limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(http2.PingDelaySeconds);
        limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(http2.PingTimeoutSeconds);
    }

    private void Listen(KestrelServerOptions options, string url, HttpProtocols protocols, bool asksClients)
    {
        if (!ListenAddress.TryParse(url, out var address))
        {
            return;
        }

        options.Listen(address.EndPoint, listen =>
        {
            listen.Protocols = protocols;
            var count = new ConnectionCount(http2.Value, logger);
            listen.Use(next => context => count.RunAsync(context, next));
            if (address.IsTls)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = TimeSpan.FromSeconds(http2.Value.PrefaceSeconds),
                    OnConnection = _ => ValueTask.FromResult(certificates.HandshakeOptions(asksClients)),
                });
            }

            // The guard reads frames: whatever decrypts them stands before it.
            if (protocols == HttpProtocols.Http2)
            {
                var negotiation = new Http2Negotiation(logger);
                listen.Use(next => context => negotiation.RunAsync(context, next));
                listen.Use(next => context => connections.RunAsync(context, next));
            }
        });
    }
}
