namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.schedules.InverseTimeDecay</c>: <c>initial / (1 + decay_rate * step / decay_steps)</c>.
/// </summary>
/// <param name="InitialLearningRate">The rate at step 0.</param>
/// <param name="DecaySteps">The unit of the step; above 0.</param>
/// <param name="DecayRate">The factor.</param>
/// <param name="Staircase">True takes the integer part of <c>step / decay_steps</c>.</param>
public sealed record InverseTimeDecay(double InitialLearningRate, double DecaySteps, double DecayRate, bool Staircase = false)
    : LearningRateSchedule;
