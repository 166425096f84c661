using Grpc.Core;
using Grpc.Net.Client;
using Grpc.Net.Client.Configuration;

namespace AdamGrpc.Tests.Support;

/// <summary>Channels that repeat calls.</summary>
public static class Retries
{
    public static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    /// <summary>Repeats all calls on UNAVAILABLE, three attempts, without pauses unless a test sets the draw.</summary>
    public static void On(GrpcChannelOptions options) => On(options, Policy());

    public static void On(GrpcChannelOptions options, RetryPolicy policy, RetryThrottlingPolicy? throttling = null)
    {
        options.NextRandom = () => 0;
        options.ServiceConfig = new ServiceConfig
        {
            MethodConfigs = { new MethodConfig { Names = { MethodName.Default }, RetryPolicy = policy } },
            RetryThrottling = throttling,
        };
    }

    public static RetryPolicy Policy(int attempts = 3) => new()
    {
        MaxAttempts = attempts,
        InitialBackoff = Second,
        MaxBackoff = 3 * Second,
        BackoffMultiplier = 2,
        RetryableStatusCodes = { StatusCode.Unavailable },
    };

    public static RpcException Unavailable(string? pushback = null) => new(
        new Status(StatusCode.Unavailable, "not now"),
        pushback is null ? Metadata.Empty : new Metadata { { "grpc-retry-pushback-ms", pushback } });
}
