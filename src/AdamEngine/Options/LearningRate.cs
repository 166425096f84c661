namespace Adam.Engine;

/// <summary>Keras's argument <c>learning_rate</c>: a number, a schedule or a callable.</summary>
public abstract record LearningRate
{
    private protected LearningRate()
    {
    }

    /// <summary>A rate that every step brings along, in <see cref="StepOverrides.LearningRate"/>: a callable in Keras.</summary>
    public static LearningRate Supplied { get; } = new SuppliedLearningRate();

    /// <summary>A fixed rate. Like Keras, any number is accepted, also zero, negative ones and NaN.</summary>
    /// <param name="value">The rate; it is rounded once to float32 before it is used.</param>
    public static LearningRate Constant(double value) => new ConstantLearningRate(value);

    /// <summary>A rate that follows the raw iteration counter.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <exception cref="ArgumentNullException"><paramref name="schedule"/> is null.</exception>
    public static LearningRate Scheduled(LearningRateSchedule schedule)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        return new ScheduledLearningRate(schedule);
    }

    /// <summary>What Keras's getter <c>optimizer.learning_rate</c> gives at a value of the raw iteration counter.</summary>
    /// <param name="iteration">The raw counter, which counts accumulation micro-steps too; 0 or more.</param>
    public abstract float At(long iteration);
}
