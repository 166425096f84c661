namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.schedules.ExponentialDecay</c>: <c>initial * decay_rate ^ (step / decay_steps)</c>.
/// </summary>
/// <param name="InitialLearningRate">The rate at step 0.</param>
/// <param name="DecaySteps">Steps per factor of <paramref name="DecayRate"/>; above 0.</param>
/// <param name="DecayRate">The factor.</param>
/// <param name="Staircase">True takes the integer part of <c>step / decay_steps</c>.</param>
public sealed record ExponentialDecay(double InitialLearningRate, double DecaySteps, double DecayRate, bool Staircase = false)
    : LearningRateSchedule;
