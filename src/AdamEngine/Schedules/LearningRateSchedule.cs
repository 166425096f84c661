namespace Adam.Engine;

/// <summary>
/// A learning rate as a function of the raw iteration counter, as in <c>keras.optimizers.schedules</c>. Everything is computed in
/// float32 with one rounding per operation, unless the schedule <see cref="IsInteger"/>.
/// </summary>
public abstract record LearningRateSchedule
{
    private protected LearningRateSchedule()
    {
    }

    /// <summary>Which numbers have an unusual Python type. Default: none. Only <see cref="KerasOptimizerJson"/> sets it.</summary>
    public PythonTypes PythonTypes { get; init; }

    /// <summary>
    /// Whether the initial rate (the first of the values) is a Python int. Keras then casts every parameter to int32, dropping
    /// fractions, and computes as NumPy does with integers: a warm-up from <c>0</c> to <c>0.1</c> stays at 0 for ever, and pi is 3.
    /// </summary>
    public virtual bool IsInteger => PythonTypes.IsUnusual("initial_learning_rate");

    /// <summary>The rate of one step.</summary>
    /// <param name="iteration">The raw iteration counter before the step, which counts accumulation micro-steps too; 0 or more.</param>
    public abstract float At(long iteration);

    /// <summary>
    /// Checks the parameters. Like Keras, no schedule checks its rates, targets or that boundaries ascend. Where the schedule
    /// <see cref="IsInteger"/>, every parameter that Keras casts must fit an int32.
    /// </summary>
    /// <returns>Every error; empty when there is none.</returns>
    public abstract IReadOnlyList<OptionError> Validate();
}
