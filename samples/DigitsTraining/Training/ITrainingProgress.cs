namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Hears how a training run goes.</summary>
internal interface ITrainingProgress
{
    /// <summary>A step was taken.</summary>
    /// <param name="epoch">1 for the first.</param>
    /// <param name="step">Within the epoch; 1 for the first.</param>
    /// <param name="stepsPerEpoch">The number of steps of an epoch.</param>
    void StepTaken(int epoch, int step, int stepsPerEpoch);

    /// <summary>An epoch is over.</summary>
    void EpochDone(EpochReport report);
}
