namespace Adam.Bench.GrpcBench.Clients;

/// <summary>Who takes part, each in a process of its own.</summary>
internal enum ClientKind
{
    /// <summary>Raw HTTP/2 by <see cref="SocketsHttpHandler"/> as it comes.</summary>
    Raw,

    /// <summary>The gRPC runtime's client in a process whose windows of HTTP/2 stay as they begin.</summary>
    Grpc,

    /// <summary>The gRPC runtime's client in a process in which they grow, which is .NET's default.</summary>
    GrpcDynamicWindows,
}
