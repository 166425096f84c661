namespace Adam.Client;

/// <summary>
/// Everything that determines the arithmetic of a session: one Keras Adam for each group of tensors, and what they share. One
/// <see cref="AdamSettings"/> converts to it, which is plain Keras. In what the service returns every default is filled in.
/// </summary>
public sealed record OptimizerSettings
{
    /// <summary>One Keras Adam each; a tensor names its group. Empty: one with Keras's defaults. Default: empty.</summary>
    public IReadOnlyList<AdamSettings> Groups { get; init; } = [];

    /// <summary>Keras <c>gradient_accumulation_steps</c>: how many batches make one update; 2 or more. Null: every batch updates.</summary>
    public long? GradientAccumulationSteps { get; init; }

    /// <summary>What gradients are divided by first. Null: they are used as they come.</summary>
    public LossScale? LossScale { get; init; }

    /// <summary>What happens to gradients that are not finite. Null: <see cref="NonFinitePolicy.Propagate"/>, as Keras does.</summary>
    public NonFinitePolicy? NonFinitePolicy { get; init; }

    /// <summary>Over what a global norm is taken. Null: <see cref="ClipScope.Group"/>.</summary>
    public ClipScope? ClipScope { get; init; }

    /// <summary>
    /// Keras's own serialised optimizer (Adam, AdamW, or LossScaleOptimizer around one) in place of everything above but
    /// <see cref="NonFinitePolicy"/>; at most 1 MiB. What the service computes comes back in the properties above and in
    /// <see cref="SessionInfo.KerasConfigJson"/>. Null: the properties above count. Default: null.
    /// </summary>
    public string? KerasConfigJson { get; init; }

    /// <summary>One group.</summary>
    /// <param name="group">Its arguments.</param>
    public static OptimizerSettings FromAdamSettings(AdamSettings group) => new() { Groups = [group] };

    /// <summary>One group.</summary>
    /// <param name="group">Its arguments.</param>
    public static implicit operator OptimizerSettings(AdamSettings group) => FromAdamSettings(group);
}
