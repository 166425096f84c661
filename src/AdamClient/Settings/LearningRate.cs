namespace Adam.Client;

/// <summary>
/// Keras's argument <c>learning_rate</c>: a number (<see cref="ConstantLearningRate"/>), one of Keras's schedules
/// (<see cref="LearningRateSchedule"/>), or what each step brings (<see cref="SuppliedLearningRate"/>). A <see cref="double"/> converts to it.
/// </summary>
public abstract record LearningRate
{
    private protected LearningRate()
    {
    }

    /// <summary>A rate that stays as it is until it is changed.</summary>
    /// <param name="value">Any number, as in Keras; it is rounded once to float32.</param>
    public static LearningRate Constant(double value) => new ConstantLearningRate(value);

    /// <summary>A rate that stays as it is until it is changed.</summary>
    /// <param name="value">Any number, as in Keras; it is rounded once to float32.</param>
    public static implicit operator LearningRate(double value) => Constant(value);
}
