namespace Adam.Client;

/// <summary>One of Keras's schedules: a function of the raw iteration counter, evaluated in float32.</summary>
public abstract record LearningRateSchedule : LearningRate
{
    private protected LearningRateSchedule()
    {
    }
}
