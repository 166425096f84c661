namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.schedules.PolynomialDecay</c>: a polynomial from the initial rate to the end rate. Null stands for Keras's
/// default.
/// </summary>
/// <param name="InitialLearningRate">The rate at step 0.</param>
/// <param name="DecaySteps">The length of the decay in steps; above 0.</param>
/// <param name="EndLearningRate">The rate at the end. Null: 0.0001.</param>
/// <param name="Power">The exponent. Null: 1.</param>
/// <param name="Cycle">True begins again after the decay, with a longer period each time.</param>
public sealed record PolynomialDecay(
    double InitialLearningRate,
    double DecaySteps,
    double? EndLearningRate = null,
    double? Power = null,
    bool Cycle = false) : LearningRateSchedule;
