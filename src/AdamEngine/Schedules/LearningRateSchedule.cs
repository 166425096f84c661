namespace Adam.Engine;

/// <summary>
/// A learning rate as a function of the raw iteration counter, as in <c>keras.optimizers.schedules</c>. The parameters are Python
/// floats: everything is computed in float32 with one rounding per operation.
/// </summary>
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>The rate of one step.</summary>
    /// <param name="iteration">The raw iteration counter before the step, which counts accumulation micro-steps too; 0 or more.</param>
    public abstract float At(long iteration);

    /// <summary>Checks the parameters. Like Keras, no schedule checks its rates, targets or that boundaries ascend.</summary>
    /// <returns>Every error; empty when there is none.</returns>
    public abstract IReadOnlyList<OptionError> Validate();
}
