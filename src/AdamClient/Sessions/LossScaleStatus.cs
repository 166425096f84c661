namespace Adam.Client;

/// <summary>Where a dynamic loss scale stands.</summary>
/// <param name="Scale">Keras's <c>dynamic_scale</c>. It has no bounds.</param>
/// <param name="StepCounter">Keras's <c>step_counter</c>: finite batches since the scale last changed; 0 to 2^31 - 1.</param>
/// <param name="SkippedSteps">Batches that were skipped because a gradient was not finite.</param>
public sealed record LossScaleStatus(float Scale, long StepCounter, ulong SkippedSteps);
