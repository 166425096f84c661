using System.Diagnostics.CodeAnalysis;

namespace Grpc.Net.Client.Configuration;

/// <summary>What holds for the calls of a channel, method by method.</summary>
[SuppressMessage("Naming", "CA1724", Justification = "The official name.")]
public sealed class ServiceConfig
{
    /// <summary>What holds for which methods. Each name may stand here once.</summary>
    public IList<MethodConfig> MethodConfigs { get; } = [];

    /// <summary>When calls are no longer repeated because too many of them fail. Null: never. Null by default.</summary>
    public RetryThrottlingPolicy? RetryThrottling { get; set; }
}
