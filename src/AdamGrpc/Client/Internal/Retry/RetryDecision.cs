using System.Globalization;
using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>Decides, attempt by attempt, whether a call is made once more, and counts for the throttling.</summary>
/// <param name="retry">The policy.</param>
/// <param name="backoff">The pauses.</param>
/// <param name="throttle">The throttling of the channel; null for none.</param>
internal sealed class RetryDecision(RetrySettings retry, Backoff backoff, RetryThrottle? throttle)
{
    /// <summary>Looks at how an attempt without a response ended.</summary>
    /// <param name="outcome">How it ended.</param>
    /// <param name="attempt">Which one it was, counted from 1.</param>
    /// <returns>The pause before the next one; null when there is none.</returns>
    public TimeSpan? FindPause(CallOutcome outcome, int attempt)
    {
        if (outcome.IsLocalCancellation)
        {
            return null;
        }

        if (outcome.Status.StatusCode == StatusCode.OK)
        {
            throttle?.OnSuccess();
            return null;
        }

        bool hasPushback = TryGetPushback(outcome.Trailers, out TimeSpan? pushback);
        bool isRetryable = retry.Codes.Contains(outcome.Status.StatusCode);
        if (isRetryable || (hasPushback && pushback is null))
        {
            throttle?.OnFailure();
        }

        if (attempt >= retry.AttemptsMax || throttle is { IsActive: true })
        {
            return null;
        }

        if (hasPushback)
        {
            backoff.Reset();
            return pushback;
        }

        return isRetryable ? backoff.Next() : null;
    }

    /// <summary>Counts a call that had a response.</summary>
    public void OnAnswered(CallOutcome outcome)
    {
        if (outcome.Status.StatusCode == StatusCode.OK)
        {
            throttle?.OnSuccess();
        }
    }

    /// <summary>Reads what the server says about another attempt.</summary>
    /// <param name="trailers">The trailers.</param>
    /// <param name="pause">The pause that it asks for; null when it wants no other attempt, which all but a number of milliseconds means.</param>
    /// <returns>False when it says nothing.</returns>
    private static bool TryGetPushback(Metadata trailers, out TimeSpan? pause)
    {
        string? text = trailers.GetValue(GrpcProtocol.RetryPushbackTrailer);
        pause = int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int milliseconds)
            ? TimeSpan.FromMilliseconds(milliseconds)
            : null;
        return text is not null;
    }
}
