using Adam.Service.Configuration;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;

namespace Adam.Service.Connections;

/// <summary>Watches each request of a guarded connection, until its answer has left.</summary>
internal sealed class CallPaceMiddleware(
    RequestDelegate next, GuardedConnections connections, IOptions<Http2Options> options, TimeProvider time, ILogger<CallPaceMiddleware> logger)
{
    /// <summary>Serves a request.</summary>
    public Task InvokeAsync(HttpContext http) =>
        http.Features.Get<GuardedConnection>() is { } connection && http.Features.Get<IHttp2StreamIdFeature>() is { } stream
            ? WatchAsync(http, connection, stream.StreamId)
            : next(http);

    private async Task WatchAsync(HttpContext http, GuardedConnection connection, int streamId)
    {
        var call = new PacedCall(http, options.Value, connections, time, logger);
        connection.Add(streamId, call);
        try
        {
            await next(http);

            // The handler is done, its answer may not be: a client that does not take it holds on to the stream and its memory.
            await http.Response.CompleteAsync();
            await call.WaitForEndAsync();
        }
        finally
        {
            connection.Remove(streamId);
            call.Close();
        }
    }
}
