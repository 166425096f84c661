namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.schedules.CosineDecay</c>: half a cosine wave, optionally after a linear warm-up. Null stands for Keras's
/// default.
/// </summary>
/// <param name="InitialLearningRate">The rate at step 0, where the warm-up (if any) begins.</param>
/// <param name="DecaySteps">The length of the decay in steps, without the warm-up; above 0.</param>
/// <param name="Alpha">The last rate as a fraction of the highest. Null: 0.</param>
/// <param name="WarmupTarget">The rate at the end of the warm-up. Null: no warm-up.</param>
/// <param name="WarmupSteps">The length of the warm-up in steps. Null: 0.</param>
public sealed record CosineDecay(
    double InitialLearningRate,
    double DecaySteps,
    double? Alpha = null,
    double? WarmupTarget = null,
    double? WarmupSteps = null) : LearningRateSchedule;
