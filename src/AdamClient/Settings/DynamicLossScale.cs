namespace Adam.Client;

/// <summary>
/// <c>keras.optimizers.LossScaleOptimizer</c> around all groups: a batch that is not finite is skipped and halves the scale, a number of
/// finite ones doubles it. <see cref="OptimizerSession.LossScale"/> is what the next batch's loss is to be multiplied by.
/// </summary>
/// <param name="InitialScale">Keras <c>initial_scale</c>. Null: 32768.</param>
/// <param name="GrowthSteps">Keras <c>dynamic_growth_steps</c>: finite batches until the scale doubles. Null: 2000.</param>
/// <param name="Name">Keras's name of it, without "/". It changes no number. Null: <c>loss_scale_optimizer</c>.</param>
public sealed record DynamicLossScale(double? InitialScale = null, long? GrowthSteps = null, string? Name = null) : LossScale;
