namespace Adam.Engine;

/// <summary>
/// The arguments of <c>keras.optimizers.LossScaleOptimizer</c>, none of which Keras checks. The trainer multiplies its loss by the
/// scale; the optimizer divides gradients by it, halves it and skips the step when one is not finite, and doubles it now and then.
/// </summary>
/// <param name="InitialScale">Keras <c>initial_scale</c>. Default 32768.</param>
/// <param name="GrowthSteps">
/// Keras <c>dynamic_growth_steps</c>: so many finite steps in a row double the scale; 0 or less never. Default 2000.
/// </param>
/// <param name="Name">Keras <c>name</c>: any string without a slash. Default <c>loss_scale_optimizer</c>.</param>
public sealed record DynamicLossScale(double InitialScale = 32768.0, long GrowthSteps = 2000, string Name = "loss_scale_optimizer")
{
    /// <summary>Which numbers have an unusual Python type; matters to <see cref="KerasOptimizerJson"/> only. Default: none.</summary>
    public PythonTypes PythonTypes { get; init; }
}
