using Adam.Engine;
using Adam.Service.Codec;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.V1;

namespace Adam.Service.ControlPlane;

/// <summary>Decides what of a session survives a crash: what the request asks for, or what the service is configured to.</summary>
internal static class DurabilityReader
{
    private const string Field = "durability";

    // A day is the longest that the service itself may be configured to.
    private static readonly TimeSpan EveryMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan EveryMax = TimeSpan.FromDays(365);

    /// <summary>Reads what was asked for, and fills in the tier.</summary>
    /// <param name="asked">What the request says; null for nothing.</param>
    /// <param name="tensors">The session's tensors, whose sizes were checked.</param>
    /// <param name="options">How the service is configured.</param>
    /// <exception cref="ServiceException">INVALID_FIELD or STORAGE_OFF.</exception>
    public static V1.Durability Read(V1.Durability? asked, IReadOnlyList<VariableSpec> tensors, DurabilityOptions options)
    {
        var durability = asked?.Clone() ?? new V1.Durability();
        KnownEnum.ThrowIfUnknown(durability.Tier, $"{Field}.tier");
        var isOn = options.Directory.Length > 0;
        if (durability.Tier == DurabilityTier.Unspecified)
        {
            durability.Tier = isOn ? DefaultTier(tensors, options) : DurabilityTier.Memory;
        }

        var errors = new FieldErrors();
        CheckSnapshots(durability, errors);
        errors.ThrowIfAny(ErrorReason.InvalidField);
        if (durability.Tier != DurabilityTier.Memory && !isOn)
        {
            throw StorageRefusals.Off(
                $"{Field}.tier: {WireName.Of(durability.Tier)} needs a place on disk, and the service has none.", $"Use {WireName.Of(DurabilityTier.Memory)}");
        }

        return durability;
    }

    private static DurabilityTier DefaultTier(IReadOnlyList<VariableSpec> tensors, DurabilityOptions options) => options.DefaultTier switch
    {
        "MEMORY" => DurabilityTier.Memory,
        "SNAPSHOT" => DurabilityTier.Snapshot,
        "LOG" => DurabilityTier.Log,
        _ => ParameterBytes(tensors) <= options.AutoLogParameterBytesMax ? DurabilityTier.Log : DurabilityTier.Snapshot,
    };

    private static long ParameterBytes(IReadOnlyList<VariableSpec> tensors) =>
        tensors.Sum(tensor => tensor.ElementCount * tensor.DType.ElementBytes());

    private static void CheckSnapshots(V1.Durability durability, FieldErrors errors)
    {
        if (durability.HasSnapshotEverySteps && durability.SnapshotEverySteps == 0)
        {
            errors.Add($"{Field}.snapshot_every_steps", "expected 1 or more, received 0; leave it out for none by number.");
        }

        if (durability.SnapshotEvery is { } every && (every.Nanos is < 0 or > 999_999_999 || every.Seconds < EveryMin.TotalSeconds || every.Seconds > EveryMax.TotalSeconds))
        {
            errors.Add(
                $"{Field}.snapshot_every",
                $"expected {EveryMin.TotalSeconds} to {EveryMax.TotalSeconds} seconds, received {every.Seconds} and {every.Nanos} nanoseconds.");
        }

        if (durability.Tier == DurabilityTier.Memory && (durability.HasSnapshotEverySteps || durability.SnapshotEvery is not null))
        {
            errors.Add(
                durability.HasSnapshotEverySteps ? $"{Field}.snapshot_every_steps" : $"{Field}.snapshot_every",
                $"a session of {WireName.Of(DurabilityTier.Memory)} has no snapshots; leave it out, or ask for {WireName.Of(DurabilityTier.Snapshot)}.");
        }
    }
}
