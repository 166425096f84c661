using System.Collections.Frozen;
using Grpc.Core;
using Grpc.Net.Client.Configuration;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>A retry policy that was checked, and that nobody changes any more.</summary>
/// <param name="AttemptsMax">How often a call is tried.</param>
/// <param name="InitialBackoff">The longest first pause.</param>
/// <param name="MaxBackoff">The longest of all pauses.</param>
/// <param name="Multiplier">By how much the longest pause grows.</param>
/// <param name="Codes">The statuses after which a call is repeated.</param>
internal sealed record RetrySettings(
    int AttemptsMax, TimeSpan InitialBackoff, TimeSpan MaxBackoff, double Multiplier, FrozenSet<StatusCode> Codes)
{
    /// <summary>Checks a policy.</summary>
    /// <param name="policy">The policy.</param>
    /// <param name="attemptsLimit">The most attempts that the channel allows; null is no limit.</param>
    /// <exception cref="InvalidOperationException">Something is missing or out of its range.</exception>
    public static RetrySettings Create(RetryPolicy policy, int? attemptsLimit)
    {
        if (policy.MaxAttempts is not int attempts || attempts < 2)
        {
            throw new InvalidOperationException($"Retry policy max attempts must be greater than 1. Received: {policy.MaxAttempts}.");
        }

        if (policy.InitialBackoff is not TimeSpan initial || initial <= TimeSpan.Zero)
        {
            throw new InvalidOperationException($"Retry policy initial backoff must be greater than zero. Received: {policy.InitialBackoff}.");
        }

        if (policy.MaxBackoff is not TimeSpan max || max <= TimeSpan.Zero)
        {
            throw new InvalidOperationException($"Retry policy maximum backoff must be greater than zero. Received: {policy.MaxBackoff}.");
        }

        if (policy.BackoffMultiplier is not double multiplier || !double.IsFinite(multiplier) || multiplier <= 0)
        {
            throw new InvalidOperationException($"Retry policy backoff multiplier must be greater than 0. Received: {policy.BackoffMultiplier}.");
        }

        if (policy.RetryableStatusCodes.Count == 0)
        {
            throw new InvalidOperationException("Retry policy must specify at least 1 retryable status code.");
        }

        return new RetrySettings(
            Math.Min(attempts, attemptsLimit ?? int.MaxValue), initial, max, multiplier, policy.RetryableStatusCodes.ToFrozenSet());
    }
}
