using Adam.Service.Configuration;
using Adam.Service.Connections;
using Adam.Service.Tls;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>The endpoints: gRPC over HTTP/2 under guard, probes over HTTP/1.1, gRPC-Web over both if it is enabled.</summary>
/// <remarks>The first two cannot share one: without TLS, an endpoint for both versions refuses HTTP/2.</remarks>
internal sealed class KestrelEndpoints(
    IOptions<ServerOptions> server,
    IOptions<Http2Options> http2,
    IOptions<GrpcWebEndpointOptions> grpcWeb,
    GuardedConnections connections,
    TlsCertificates certificates,
    ILogger<KestrelEndpoints> logger)
    : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        var web = grpcWeb.Value;
        var isShared = web.Enabled && string.IsNullOrEmpty(web.Url);
        Listen(options, server.Value.GrpcUrl, isShared ? HttpProtocols.Http1AndHttp2 : HttpProtocols.Http2, asksClients: true, isWeb: isShared);
        Listen(options, server.Value.HttpUrl, HttpProtocols.Http1, asksClients: false, isWeb: false);
        if (web.Enabled && !isShared)
        {
            Listen(options, web.Url, HttpProtocols.Http1AndHttp2, asksClients: true, isWeb: true);
        }

        SetLimits(options.Limits, http2.Value);
    }

    /// <summary>Sets what a connection and its calls may take.</summary>
    internal static void SetLimits(KestrelServerLimits limits, Http2Options http2)
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

    private void Listen(KestrelServerOptions options, string? url, HttpProtocols protocols, bool asksClients, bool isWeb)
    {
        if (!ListenAddress.TryParse(url, out var address))
        {
            return;
        }

        options.Listen(address.EndPoint, listen =>
        {
            listen.Protocols = protocols == HttpProtocols.Http1AndHttp2 && !address.IsTls ? HttpProtocols.Http1 : protocols;
            var count = new ConnectionCount(http2.Value, logger);
            listen.Use(next => context => count.RunAsync(context, next));
            if (isWeb)
            {
                listen.Use(next => context => GrpcWebConnection.RunAsync(context, next));
            }

            if (address.IsTls)
            {
                listen.UseHttps(new TlsHandshakeCallbackOptions
                {
                    HandshakeTimeout = TimeSpan.FromSeconds(http2.Value.PrefaceSeconds),
                    OnConnection = _ => ValueTask.FromResult(certificates.HandshakeOptions(asksClients)),
                });
            }

            // The guard reads frames: whatever decrypts them stands before it.
            if (listen.Protocols != HttpProtocols.Http1)
            {
                var guard = new Http2Negotiation(connections, allowsHttp1: listen.Protocols == HttpProtocols.Http1AndHttp2, logger);
                listen.Use(next => context => guard.RunAsync(context, next));
            }
        });
    }
}
