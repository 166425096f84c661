using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Adam.Service.Connections;

/// <summary>Ends connections whose clients have shaken hands for something else than HTTP/2.</summary>
/// <remarks>Kestrel would do so too, and log an error for each of them.</remarks>
internal sealed class Http2Negotiation(ILogger logger)
{
    /// <summary>Serves a connection, unless TLS was spoken and HTTP/2 not agreed on.</summary>
    public Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is not { } tls
            || tls.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span))
        {
            return next(connection);
        }

        ConnectionsLog.NoHttp2(logger, connection.RemoteEndPoint);
        connection.Abort(new ConnectionAbortedException("The client negotiated no HTTP/2."));
        return Task.CompletedTask;
    }
}
