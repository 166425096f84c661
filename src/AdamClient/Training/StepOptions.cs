using System.Collections.Immutable;

namespace Adam.Client;

/// <summary>What may be said about one batch.</summary>
public sealed record StepOptions
{
    internal static readonly StepOptions Default = new();

    /// <summary>
    /// What the buffers receive. <see cref="ReplyKind.None"/> with buffers is an error. Null: <see cref="OpenOptions.Reply"/>.
    /// Default: null.
    /// </summary>
    public ReplyKind? Reply { get; init; }

    /// <summary>
    /// How the elements of the reply travel: rounded to the nearest by the service, half the bytes of float32 with
    /// <see cref="TensorDType.BFloat16"/> or <see cref="TensorDType.Float16"/>. Buffers are of this type, or of float32, which holds every
    /// value exactly. Not for <see cref="ReplyKind.DeltaXor"/>. Null: <see cref="OpenOptions.ReplyDType"/>; and if that is null, each tensor's
    /// own. Default: null.
    /// </summary>
    public TensorDType? ReplyDType { get; init; }

    /// <summary>
    /// Only tensors come back that were written after this version; the buffers of the others stay as they are.
    /// <see cref="StepResult.ReceivedTensors"/> says which came. A version that lies ahead of the session is refused. Null: all. Default: null.
    /// </summary>
    public ulong? ReplyChangedSince { get; init; }

    /// <summary>
    /// The version whose weights the gradients were computed from. It comes back as <see cref="StepResult.Staleness"/>; one that
    /// lies ahead of the session is refused. Null: not said. Default: null.
    /// </summary>
    public ulong? BaseVersion { get; init; }

    /// <summary>
    /// The loss scale that the gradients carry, <see cref="OptimizerSession.LossScale"/> when the loss was computed. If it is no longer the
    /// session's, the step ends as <see cref="StepOutcome.StaleLossScale"/> and nothing is consumed. Null: the session's is assumed.
    /// Default: null.
    /// </summary>
    public double? LossScaleUsed { get; init; }

    /// <summary>Hyper-parameters of all groups for this batch alone. Null: none. Default: null.</summary>
    public StepOverrides? Overrides { get; init; }

    /// <summary>The same for single groups, by index; what is set here wins over <see cref="Overrides"/>. Default: none.</summary>
    public IReadOnlyDictionary<int, StepOverrides> GroupOverrides { get; init; } = ImmutableDictionary<int, StepOverrides>.Empty;

    /// <summary>
    /// Where the data loader stands, at most 4096 bytes; stored with the step and given back by
    /// <see cref="OptimizerSession.ClientCursor"/>. Default: empty.
    /// </summary>
    public ReadOnlyMemory<byte> ClientCursor { get; init; }

    /// <summary>How the float32 gradients of this batch go. Null: <see cref="OpenOptions.GradientEncoding"/>. Default: null.</summary>
    public GradientEncoding? GradientEncoding { get; init; }

    /// <summary>Whether this batch carries a digest. Null: <see cref="OpenOptions.Digest"/>. Default: null.</summary>
    public bool? Digest { get; init; }
}
