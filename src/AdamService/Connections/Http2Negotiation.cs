using System.Net.Security;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Adam.Service.Connections;

/// <summary>Puts connections under guard that speak HTTP/2, which over TLS the handshake has decided.</summary>
/// <param name="connections">Those under guard.</param>
/// <param name="allowsHttp1">Whether others may go on without a guard.</param>
/// <param name="logger">Told of those that may not. Kestrel would end them too, and log an error for each.</param>
internal sealed class Http2Negotiation(GuardedConnections connections, bool allowsHttp1, ILogger logger)
{
    /// <summary>Serves a connection.</summary>
    public Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        if (connection.Features.Get<ITlsApplicationProtocolFeature>() is not { } tls
            || tls.ApplicationProtocol.Span.SequenceEqual(SslApplicationProtocol.Http2.Protocol.Span))
        {
            return connections.RunAsync(connection, next);
        }

        if (allowsHttp1)
        {
            return next(connection);
        }

        ConnectionsLog.NoHttp2(logger, connection.RemoteEndPoint);
        connection.Abort(new ConnectionAbortedException("The client negotiated no HTTP/2."));
        return Task.CompletedTask;
    }
}
