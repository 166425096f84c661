namespace Adam.Client;

/// <summary>Where a group stands.</summary>
/// <param name="Iterations">Keras's raw counter: the number of batches taken, micro-steps of an accumulation included.</param>
/// <param name="EffectiveIterations">The number of updates: iterations divided by the accumulation steps, rounded down.</param>
/// <param name="LearningRate">The rate that the next step would use. NaN if every step brings its own.</param>
public sealed record GroupStatus(long Iterations, long EffectiveIterations, float LearningRate);
