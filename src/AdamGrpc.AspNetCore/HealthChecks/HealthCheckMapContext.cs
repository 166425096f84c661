namespace Grpc.AspNetCore.HealthChecks;

/// <summary>A health check that a <see cref="ServiceMapping"/> may take in.</summary>
public sealed class HealthCheckMapContext
{
    /// <summary>Describes a health check.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tags">Its tags.</param>
    public HealthCheckMapContext(string name, IEnumerable<string> tags)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(tags);
        Name = name;
        Tags = tags;
    }

    /// <summary>The name of the health check.</summary>
    public string Name { get; }

    /// <summary>The tags of the health check.</summary>
    public IEnumerable<string> Tags { get; }
}
