using Adam.Service.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Options;

namespace Adam.Service.Hosting;

/// <summary>Two endpoints: gRPC over cleartext HTTP/2, probes over HTTP/1.1.</summary>
/// <remarks>They cannot share one: without TLS, an endpoint for both versions refuses HTTP/2.</remarks>
internal sealed class KestrelEndpoints(IOptions<ServerOptions> server) : IConfigureOptions<KestrelServerOptions>
{
    public void Configure(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        Listen(options, server.Value.GrpcUrl, HttpProtocols.Http2);
        Listen(options, server.Value.HttpUrl, HttpProtocols.Http1);

        // Kestrel ends a whole connection, with every stream on it, when one response is read slowly; a deadline or a
        // cancelled call ends the one stream. The request side has no such rate by default for gRPC calls.
        options.Limits.MinResponseDataRate = null;

        // A peer that is gone without a word is noticed after these two, and its workers are free again.
        options.Limits.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        options.Limits.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(20);
    }

    private static void Listen(KestrelServerOptions options, string url, HttpProtocols protocols)
    {
        if (ListenAddress.TryParse(url, out var endPoint))
        {
            options.Listen(endPoint, listen => listen.Protocols = protocols);
        }
    }
}
