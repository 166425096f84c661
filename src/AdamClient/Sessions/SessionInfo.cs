namespace Adam.Client;

/// <summary>A session as the service saw it when it answered.</summary>
public sealed record SessionInfo
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>The 16 random bytes that tell this session from another one of the same id.</summary>
    public required ReadOnlyMemory<byte> Uid { get; init; }

    /// <summary>Raised whenever the past may have changed without the clients' doing.</summary>
    public required ulong Generation { get; init; }

    /// <summary>Raised by one with every change of any kind.</summary>
    public required ulong Version { get; init; }

    /// <summary>The version that would survive a crash now; 0 if nothing would.</summary>
    public required ulong DurableVersion { get; init; }

    /// <summary>Whether it can take steps.</summary>
    public required SessionState State { get; init; }

    /// <summary>The settings, with every default filled in. In lists of sessions as the service gives them.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>The tensors by index. Empty in lists of sessions.</summary>
    public required IReadOnlyList<TensorSpec> Tensors { get; init; }

    /// <summary>Where each group stands.</summary>
    public required IReadOnlyList<GroupStatus> Groups { get; init; }

    /// <summary>Where the dynamic loss scale stands. Null: there is none.</summary>
    public LossScaleStatus? LossScale { get; init; }

    /// <summary>
    /// The optimizer as Keras would serialise it now, with the learning rate in force. Null where Keras has no such optimizer, and in
    /// lists of sessions.
    /// </summary>
    public string? KerasConfigJson { get; init; }

    /// <summary>
    /// Keras's raw counter of the first group: the number of batches taken, micro-steps of an accumulation included.
    /// </summary>
    public required long Iterations { get; init; }

    /// <summary>The number of updates of the first group: <see cref="Iterations"/> divided by the accumulation steps, rounded down.</summary>
    public required long EffectiveIterations { get; init; }

    /// <summary>The rate that the first group would use in the next step. NaN if every step brings its own.</summary>
    public required float LearningRate { get; init; }

    /// <summary>The workers that have ever opened a stream or sent a step. Empty in lists of sessions.</summary>
    public required IReadOnlyList<WorkerInfo> Workers { get; init; }

    /// <summary>Free text by which the session is found.</summary>
    public required IReadOnlyDictionary<string, string> Labels { get; init; }

    /// <summary>What survives a crash.</summary>
    public required SessionDurability Durability { get; init; }

    /// <summary>Where it came from, if it is a fork. Null: it is none.</summary>
    public SessionLineage? Lineage { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreateTime { get; init; }

    /// <summary>When the last call reached it.</summary>
    public required DateTimeOffset LastUsedTime { get; init; }

    /// <summary>When it is ended unless it is used before. Null: it may rest for ever, or somebody uses it now.</summary>
    public DateTimeOffset? ExpireTime { get; init; }

    /// <summary>The bounds in force: its own, and the service's where it set none.</summary>
    public SessionLimits Limits { get; init; } = new();

    /// <summary>Bytes held for parameters and slots.</summary>
    public required ulong StateBytes { get; init; }

    /// <summary>The largest chunk that goes over the wire, in bytes of elements.</summary>
    public required ulong MaxChunkBytes { get; init; }

    /// <summary>Null if every number is what Keras would compute, otherwise why not.</summary>
    public required string? KerasInexactReason { get; init; }

    /// <summary>Indices of the tensors that have no values yet.</summary>
    public required IReadOnlyList<int> UninitializedTensors { get; init; }

    /// <summary>
    /// True only in the answer of the <see cref="AdamClient.CreateSessionAsync"/> that made the session. Under an id of the caller's it is
    /// false, too, when the answer was lost and the call was made again (<see cref="AdamClientOptions.CallAttempts"/>).
    /// </summary>
    public bool IsNew { get; init; }

    /// <summary>Names exactly this session with the past that it has now.</summary>
    public SessionRef Reference => new(Id) { Uid = Uid, ExpectedGeneration = Generation };
}
