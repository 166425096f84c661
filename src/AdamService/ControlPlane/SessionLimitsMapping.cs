using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Service.ControlPlane;

/// <summary>The bounds of a session, of the contract and as they are in force.</summary>
internal static class SessionLimitsMapping
{
    // Ten years: far beyond any use, and within what clocks can add up.
    private const long IdleSecondsMax = 315_360_000;

    private static readonly TimeSpan IdleMin = TimeSpan.FromMilliseconds(1);

    /// <summary>Reads what a session asks for; where it asks for nothing, the service's bounds are in force.</summary>
    /// <param name="asked">The field <c>limits</c> of the request.</param>
    /// <param name="limits">The service's bounds.</param>
    /// <param name="errors">Where what makes no sense is noted.</param>
    /// <exception cref="ServiceException">LIMIT_EXCEEDED: more is asked for than the service allows.</exception>
    public static SessionBounds Read(SessionLimits? asked, LimitsOptions limits, FieldErrors errors)
    {
        var idleMax = limits.IdleSeconds > 0 ? TimeSpan.FromSeconds(limits.IdleSeconds) : (TimeSpan?)null;
        var bounds = new SessionBounds(limits.WorkersPerSessionMax, limits.QueuedPerSessionMax, idleMax);
        if (asked is null)
        {
            return bounds;
        }

        if (asked.HasWorkersMax)
        {
            bounds = bounds with
            {
                WorkersMax = ReadCount(asked.WorkersMax, "workers_max", nameof(limits.WorkersPerSessionMax), limits.WorkersPerSessionMax, errors),
                HasOwnWorkersMax = true,
            };
        }

        if (asked.HasQueuedBatchesMax)
        {
            bounds = bounds with
            {
                QueuedMax = ReadCount(asked.QueuedBatchesMax, "queued_batches_max", nameof(limits.QueuedPerSessionMax), limits.QueuedPerSessionMax, errors),
            };
        }

        return asked.IdleTimeout is { } timeout ? bounds with { IdleMax = ReadIdle(timeout, limits, errors) } : bounds;
    }

    /// <summary>What was asked for, as it stands in the normalised request: what was left out stays left out, whatever the service's bounds are.</summary>
    public static SessionLimits Normalise(SessionLimits? asked)
    {
        var normalised = asked?.Clone() ?? new SessionLimits();
        normalised.IdleTimeout = asked?.IdleTimeout is { } timeout ? Duration.FromTimeSpan(timeout.ToTimeSpan()) : null;
        return normalised;
    }

    /// <summary>The bounds in force.</summary>
    public static SessionLimits Describe(SessionBounds bounds) => new()
    {
        WorkersMax = (ulong)bounds.WorkersMax,
        QueuedBatchesMax = (ulong)bounds.QueuedMax,
        IdleTimeout = bounds.IdleMax is { } idleMax ? Duration.FromTimeSpan(idleMax) : null,
    };

    private static int ReadCount(ulong asked, string field, string option, int max, FieldErrors errors)
    {
        if (asked == 0)
        {
            errors.Add($"limits.{field}", "expected at least 1, received 0; leave it out for the service's own bound.");
            return max;
        }

        return asked <= (ulong)max ? (int)asked : throw LimitExceeded.Of($"limits.{field} is {asked}, {asked - (ulong)max} more than the service allows", option, max);
    }

    private static TimeSpan? ReadIdle(Duration timeout, LimitsOptions limits, FieldErrors errors)
    {
        if (timeout.Seconds is < 0 or > IdleSecondsMax || timeout.Nanos is < 0 or > 999_999_999 || timeout.ToTimeSpan() < IdleMin)
        {
            errors.Add(
                "limits.idle_timeout",
                $"expected 1 millisecond to {IdleSecondsMax} seconds, received {timeout.Seconds} seconds and {timeout.Nanos} nanoseconds; leave it out for the "
                + "service's own bound.");
            return null;
        }

        var idle = timeout.ToTimeSpan();
        return limits.IdleSeconds == 0 || idle <= TimeSpan.FromSeconds(limits.IdleSeconds)
            ? idle
            : throw LimitExceeded.Of(
                $"limits.idle_timeout is {idle.TotalSeconds} seconds, {idle.TotalSeconds - limits.IdleSeconds} more than the service allows",
                nameof(limits.IdleSeconds),
                limits.IdleSeconds);
    }
}
