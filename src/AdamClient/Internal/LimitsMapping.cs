using Google.Protobuf.WellKnownTypes;

namespace Adam.Client.Internal;

/// <summary>Bounds of sessions, to the wire and back.</summary>
internal static class LimitsMapping
{
    public static V1.SessionLimits? ToWire(SessionLimits? limits)
    {
        if (limits is null)
        {
            return null;
        }

        // A count below 1 is refused by the service, in its own words where it can be said there.
        ArgumentOutOfRangeException.ThrowIfNegative(limits.WorkersMax ?? 0, nameof(SessionLimits.WorkersMax));
        ArgumentOutOfRangeException.ThrowIfNegative(limits.QueuedBatchesMax ?? 0, nameof(SessionLimits.QueuedBatchesMax));
        var wire = new V1.SessionLimits();
        Given.Set(limits.WorkersMax, value => wire.WorkersMax = (ulong)value);
        Given.Set(limits.QueuedBatchesMax, value => wire.QueuedBatchesMax = (ulong)value);
        Given.Set(limits.IdleTimeout, value => wire.IdleTimeout = Duration.FromTimeSpan(value));
        return wire;
    }

    public static SessionLimits FromWire(V1.SessionLimits? limits) => new()
    {
        WorkersMax = limits is { HasWorkersMax: true } ? (int)Math.Min(limits.WorkersMax, int.MaxValue) : null,
        QueuedBatchesMax = limits is { HasQueuedBatchesMax: true } ? (int)Math.Min(limits.QueuedBatchesMax, int.MaxValue) : null,
        IdleTimeout = limits?.IdleTimeout?.ToTimeSpan(),
    };

    public static SessionEstimate FromWire(V1.EstimateSessionResponse estimate) => new()
    {
        StateBytes = estimate.StateBytes,
        StagingBytes = estimate.StagingBytes,
        StepBytes = estimate.StepBytes,
        StepTime = double.IsFinite(estimate.StepSeconds) && estimate.StepSeconds < TimeSpan.MaxValue.TotalSeconds
            ? TimeSpan.FromSeconds(estimate.StepSeconds)
            : TimeSpan.MaxValue,
        FreeBytes = estimate.FreeBytes,
        Refusal = estimate.Admitted ? null : estimate.Refusal,
    };
}
