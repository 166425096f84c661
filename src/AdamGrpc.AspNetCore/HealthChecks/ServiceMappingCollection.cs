using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Grpc.AspNetCore.HealthChecks;

/// <summary>The mappings of all gRPC health services, by name.</summary>
public sealed class ServiceMappingCollection : IEnumerable<ServiceMapping>
{
    private readonly OrderedDictionary<string, ServiceMapping> _mappings = new(StringComparer.Ordinal);

    internal ServiceMappingCollection()
    {
    }

    /// <summary>Adds a mapping.</summary>
    /// <param name="mapping">The mapping.</param>
    /// <exception cref="ArgumentException">The name is mapped already.</exception>
    public void Add(ServiceMapping mapping)
    {
        ArgumentNullException.ThrowIfNull(mapping);
        _mappings.Add(mapping.Name, mapping);
    }

    /// <summary>Maps a service, in place of a mapping of the same name.</summary>
    /// <param name="name">The name that clients ask for. Empty is the server as a whole.</param>
    /// <param name="predicate">Chooses the health checks that make up the service.</param>
    public void Map(string name, Func<HealthCheckMapContext, bool> predicate) => _mappings[name] = new ServiceMapping(name, predicate);

    /// <summary>Removes the mapping of a name, if there is one.</summary>
    /// <param name="name">The name that clients ask for.</param>
    public void Remove(string name) => _mappings.Remove(name);

    /// <summary>Removes all mappings, also that of the empty name.</summary>
    public void Clear() => _mappings.Clear();

    /// <inheritdoc/>
    public IEnumerator<ServiceMapping> GetEnumerator() => _mappings.Values.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal bool TryGetValue(string name, [NotNullWhen(true)] out ServiceMapping? mapping) => _mappings.TryGetValue(name, out mapping);
}
