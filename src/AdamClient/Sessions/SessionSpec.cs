namespace Adam.Client;

/// <summary>
/// What a new session is to be. Creating is idempotent: the same specification under the same id returns the session that it made,
/// a different one is refused with <see cref="SessionExistsException"/>. Weights that do not fit into one message are not compared:
/// see <see cref="InitialWeights"/>.
/// </summary>
public sealed record SessionSpec
{
    /// <summary>
    /// <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$</c>. Null: the client makes one that nobody else has. Default: null.
    /// </summary>
    public string? SessionId { get; init; }

    /// <summary>The arithmetic. Default: Keras's defaults.</summary>
    public OptimizerSettings Optimizer { get; init; } = new();

    /// <summary>The variables in Keras's order; at least one.</summary>
    public required IReadOnlyList<TensorSpec> Tensors { get; init; }

    /// <summary>
    /// The weights, one entry for each of <see cref="Tensors"/> with exactly its elements in its own type. Null: every tensor is written later with
    /// <see cref="AdamClient.WriteTensorsAsync"/>, and steps are refused until then. Default: null.
    /// </summary>
    /// <remarks>
    /// Up to 4 MiB (4,194,304 bytes) for weights, names, shapes, settings and labels together, the weights are part of the request that
    /// makes the session, and other weights under the same id are another specification. Above that they are written by a stream before
    /// <see cref="AdamClient.CreateSessionAsync"/> returns, and are not compared: a session that has its weights already keeps them,
    /// whatever they are. <see cref="SessionInfo.IsNew"/> says whose session it is.
    /// </remarks>
    public IReadOnlyList<ReadOnlyTensorMemory>? InitialWeights { get; init; }

    /// <summary>What survives a crash of the service; a <see cref="DurabilityTier"/> is enough. Null: the service's default. Default: null.</summary>
    public SessionDurability? Durability { get; init; }

    /// <summary>Bounds of the session's own. Null: those of the service. Default: null.</summary>
    public SessionLimits? Limits { get; init; }

    /// <summary>Free text by which the session is found: at most 64, keys of 1 to 63 bytes, values of up to 255. Default: none.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();
}
