namespace Adam.Golden;

/// <summary>Where a <c>LossScaleOptimizer</c> stands.</summary>
/// <param name="StepCounter">Keras <c>step_counter</c>.</param>
/// <param name="Scale">Keras <c>dynamic_scale</c>.</param>
public sealed record GoldenLossScaleState(int StepCounter, float Scale);
