namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The health checks that make up a gRPC health service.</summary>
public sealed class ServiceMapping
{
    /// <summary>Maps a service.</summary>
    /// <param name="name">The name that clients ask for. Empty is the server as a whole.</param>
    /// <param name="predicate">Chooses the health checks.</param>
    public ServiceMapping(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(predicate);
        Name = name;
        HealthCheckPredicate = predicate;
    }

    /// <summary>The name that clients ask for. Empty is the server as a whole.</summary>
    public string Name { get; }

    /// <summary>Chooses the health checks.</summary>
    public Func<HealthCheckMapContext, bool> HealthCheckPredicate { get; }
}
