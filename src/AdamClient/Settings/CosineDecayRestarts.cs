namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.schedules.CosineDecayRestarts</c>: cosine waves one after the other (SGDR). Null stands for Keras's default.
/// </summary>
/// <param name="InitialLearningRate">The rate at step 0.</param>
/// <param name="FirstDecaySteps">The length of the first wave in steps; above 0.</param>
/// <param name="TMul">Each wave is this many times as long as the one before. Null: 2.</param>
/// <param name="MMul">Each wave starts at this fraction of the one before. Null: 1.</param>
/// <param name="Alpha">The lowest rate as a fraction of the initial one. Null: 0.</param>
public sealed record CosineDecayRestarts(
    double InitialLearningRate,
    double FirstDecaySteps,
    double? TMul = null,
    double? MMul = null,
    double? Alpha = null) : LearningRateSchedule;
