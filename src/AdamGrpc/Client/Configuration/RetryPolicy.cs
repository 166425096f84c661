using Grpc.Core;

namespace Grpc.Net.Client.Configuration;

/// <summary>
/// How a call that fails is repeated. It is as long as no headers of a response have come and its requests fit the buffer: the server may
/// have acted on it all the same, so only calls that may be made twice should be repeated. A call has one deadline, whatever the number of
/// its attempts.
/// </summary>
public sealed class RetryPolicy
{
    /// <summary>
    /// How often a call is tried, the first time included: 2 or more, and no more than <see cref="GrpcChannelOptions.MaxRetryAttempts"/>
    /// counts. Required.
    /// </summary>
    public int? MaxAttempts { get; set; }

    /// <summary>
    /// The longest pause before the second attempt, above zero. Each pause is drawn between zero and the longest one, which then grows by
    /// <see cref="BackoffMultiplier"/>. Required.
    /// </summary>
    public TimeSpan? InitialBackoff { get; set; }

    /// <summary>What the longest pause grows to, above zero. Required.</summary>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>By how much the longest pause grows with each attempt, above zero. Required.</summary>
    public double? BackoffMultiplier { get; set; }

    /// <summary>The statuses after which a call is repeated; one or more.</summary>
    public IList<StatusCode> RetryableStatusCodes { get; } = [];
}
