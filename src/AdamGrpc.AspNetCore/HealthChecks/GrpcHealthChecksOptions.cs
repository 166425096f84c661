namespace Grpc.AspNetCore.HealthChecks;

/// <summary>Options of the gRPC health service.</summary>
public sealed class GrpcHealthChecksOptions
{
    /// <summary>Which health checks make up which gRPC health service. By default the empty name stands for all checks.</summary>
    public ServiceMappingCollection Services { get; } = new();

    /// <summary>
    /// Whether <c>Check</c> answers with the results that were published last instead of running the checks. False by default.
    /// </summary>
    public bool UseHealthChecksCache { get; set; }

    /// <summary>Whether <c>Watch</c> goes on when the application begins to stop, instead of ending. False by default.</summary>
    public bool SuppressCompletionOnShutdown { get; set; }
}
