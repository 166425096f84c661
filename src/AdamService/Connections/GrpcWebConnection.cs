using Microsoft.AspNetCore.Connections;

namespace Adam.Service.Connections;

/// <summary>Marks connections on which gRPC-Web may be spoken: a feature of the connection, and so of each of its requests.</summary>
internal sealed class GrpcWebConnection
{
    private static readonly GrpcWebConnection Mark = new();

    private GrpcWebConnection()
    {
    }

    /// <summary>Serves a connection that has the mark.</summary>
    public static Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        connection.Features.Set(Mark);
        return next(connection);
    }
}
