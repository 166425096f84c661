namespace Adam.Engine;

/// <summary>A learning rate that a schedule computes from the raw iteration counter.</summary>
/// <param name="Schedule">The schedule.</param>
public sealed record ScheduledLearningRate(LearningRateSchedule Schedule) : LearningRate
{
    /// <inheritdoc/>
    public override float At(long iteration) => Schedule.At(iteration);
}
