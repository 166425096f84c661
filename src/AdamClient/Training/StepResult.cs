namespace Adam.Client;

/// <summary>What became of a batch, and where the session stands after it.</summary>
public sealed record StepResult
{
    /// <summary>The worker's number of the batch.</summary>
    public required ulong Sequence { get; init; }

    /// <summary>What became of it.</summary>
    public required StepOutcome Outcome { get; init; }

    /// <summary>
    /// True if the connection was lost while the batch was under way. It was applied once all the same: the SDK found out what had become of it, or
    /// sent it again (<see cref="OpenOptions.ReconnectTimeout"/>). Where the reply was lost, the buffers received the present values of <see cref="ReplyVersion"/>;
    /// weights in place of a delta, which is gone: go by <see cref="Reply"/>.
    /// </summary>
    public bool WasInterrupted { get; init; }

    /// <summary>With <see cref="StepOutcome.Duplicate"/>: what had become of it the first time. Null otherwise.</summary>
    public StepOutcome? OriginalOutcome { get; init; }

    /// <summary>What the buffers of the step received.</summary>
    public required ReplyKind Reply { get; init; }

    /// <summary>
    /// The one version of all that the buffers received: <see cref="Version"/>, or a later one if the reply was read after an interruption or after
    /// <see cref="StepOutcome.Duplicate"/> and other workers had gone on. Null: nothing was asked for.
    /// </summary>
    public ulong? ReplyVersion { get; init; }

    /// <summary>
    /// The indices of the tensors whose buffers were filled, in order: all that buffers came for, unless
    /// <see cref="StepOptions.ReplyChangedSince"/> left some out. A tensor without elements is never among them.
    /// </summary>
    public IReadOnlyList<int> ReceivedTensors { get; init; } = [];

    /// <summary>The session's version after the batch.</summary>
    public required ulong Version { get; init; }

    /// <summary>The version that would survive a crash now; 0 if nothing would.</summary>
    public required ulong DurableVersion { get; init; }

    /// <summary>The session's generation.</summary>
    public required ulong Generation { get; init; }

    /// <summary>Where each group stands after the batch.</summary>
    public required IReadOnlyList<GroupStatus> Groups { get; init; }

    /// <summary>Keras's raw counter of the first group after the batch.</summary>
    public required long Iterations { get; init; }

    /// <summary>The number of updates of the first group so far: <see cref="Iterations"/> divided by the accumulation steps, rounded down.</summary>
    public required long EffectiveIterations { get; init; }

    /// <summary>The learning rate that the step used, of the first group that had a gradient; on micro-steps, the one that it would have used.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The learning rate that the first group would use in the next step. NaN if every step brings its own.</summary>
    public required float NextLearningRate { get; init; }

    /// <summary>The norm of all gradients as they enter clipping: unscaled, and averaged at the end of an accumulation window.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>
    /// The norm of what the batch added to the weights, decay and overwriting by averages included, before constraints.
    /// </summary>
    public required double UpdateNorm { get; init; }

    /// <summary>The loss scale by which the next batch's loss is to be multiplied. 1: none.</summary>
    public required double LossScale { get; init; }

    /// <summary>How many gradient elements were NaN or infinite.</summary>
    public required ulong NonFiniteCount { get; init; }

    /// <summary>The index of the first tensor in the batch's order that had one. Null: none had.</summary>
    public int? FirstNonFiniteTensor { get; init; }

    /// <summary>How many versions the session had moved on since <see cref="StepOptions.BaseVersion"/>. Null: none was given.</summary>
    public ulong? Staleness { get; init; }
}
