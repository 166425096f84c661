namespace Grpc.Net.Client.Configuration;

/// <summary>
/// Stops the repeating of calls while many of them fail, so that a server in trouble is not given more of it. A channel begins with
/// <see cref="MaxTokens"/>; an attempt that fails with a status to repeat takes one away, a call that succeeds gives
/// <see cref="TokenRatio"/> back, and nothing is repeated with half of them or fewer. Only calls with a <see cref="RetryPolicy"/> count.
/// </summary>
public sealed class RetryThrottlingPolicy
{
    /// <summary>The most tokens that there can be, above zero. Required.</summary>
    public int? MaxTokens { get; set; }

    /// <summary>What a success gives back, above zero; for example 0.1. Required.</summary>
    public double? TokenRatio { get; set; }
}
