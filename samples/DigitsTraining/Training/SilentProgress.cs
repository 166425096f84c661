namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Says nothing.</summary>
internal sealed class SilentProgress : ITrainingProgress
{
    public void StepTaken(int epoch, int step, int stepsPerEpoch)
    {
    }

    public void EpochDone(EpochReport report)
    {
    }
}
