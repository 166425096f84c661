namespace Adam.Bench.GrpcBench.Clients;

/// <summary>Whose client it is.</summary>
internal enum ClientKind
{
    /// <summary>Raw HTTP/2 by <see cref="SocketsHttpHandler"/> as it comes.</summary>
    Raw,

    /// <summary>The gRPC runtime's.</summary>
    Grpc,
}
