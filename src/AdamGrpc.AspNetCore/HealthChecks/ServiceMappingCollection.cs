using System.Collections.ObjectModel;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The mappings of all gRPC health services, by name.</summary>
public sealed class ServiceMappingCollection : KeyedCollection<string, ServiceMapping>
{
    /// <summary>Makes a collection without mappings.</summary>
    public ServiceMappingCollection()
        : base(StringComparer.Ordinal)
    {
    }

    /// <summary>Maps a service, in place of a mapping of the same name.</summary>
    /// <param name="name">The name that clients ask for. Empty is the server as a whole.</param>
    /// <param name="predicate">Chooses the health checks that make up the service.</param>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate)
    {
        Remove(name);
        Add(new ServiceMapping(name, predicate));
    }

    /// <inheritdoc/>
    protected override string GetKeyForItem(ServiceMapping item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return item.Name;
    }
}
