using System.Threading.Channels;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Grpc.AspNetCore.HealthChecks.Internal;

/// <summary>The published state of each service, and those who watch it.</summary>
internal sealed class HealthStatusBoard
{
    /// <summary>
    /// How many changes a slow watcher may be behind. Older ones are dropped: what counts is the state now.
    /// </summary>
    private const int PendingChangesMax = 8;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, ServingStatus> _statuses = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<Channel<ServingStatus>>> _watchers = new(StringComparer.Ordinal);

    /// <summary>The state that was published last; unknown before the first.</summary>
    public ServingStatus Get(string service)
    {
        lock (_lock)
        {
            return _statuses.GetValueOrDefault(service, ServingStatus.Unknown);
        }
    }

    /// <summary>Publishes a state.</summary>
    public void Set(string service, ServingStatus status)
    {
        lock (_lock)
        {
            _statuses[service] = status;
            foreach (Channel<ServingStatus> watcher in _watchers.GetValueOrDefault(service, []))
            {
                watcher.Writer.TryWrite(status);
            }
        }
    }

    /// <summary>Begins to watch a service. Every state that is published from now on comes through the channel.</summary>
    public Channel<ServingStatus> Subscribe(string service)
    {
        Channel<ServingStatus> watcher = Channel.CreateBounded<ServingStatus>(
            new BoundedChannelOptions(PendingChangesMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });
        lock (_lock)
        {
            if (!_watchers.TryGetValue(service, out List<Channel<ServingStatus>>? watchers))
            {
                _watchers[service] = watchers = [];
            }

            watchers.Add(watcher);
        }

        return watcher;
    }

    /// <summary>Ends what <see cref="Subscribe"/> began.</summary>
    public void Unsubscribe(string service, Channel<ServingStatus> watcher)
    {
        lock (_lock)
        {
            if (_watchers.TryGetValue(service, out List<Channel<ServingStatus>>? watchers)
                && watchers.Remove(watcher)
                && watchers.Count == 0)
            {
                _watchers.Remove(service);
            }
        }
    }
}
