namespace Adam.Samples.DigitsTraining.Training;

/// <summary>How a training run went.</summary>
/// <param name="Steps">The number of steps.</param>
/// <param name="Last">The last epoch.</param>
/// <param name="StepTime">What all steps took together, with forward and backward passes.</param>
/// <param name="UpdateTime">The part of it that the optimizer took, as seen from here.</param>
internal sealed record TrainingReport(int Steps, EpochReport Last, TimeSpan StepTime, TimeSpan UpdateTime)
{
    public double StepsPerSecond => Steps / StepTime.TotalSeconds;

    public double MillisecondsPerUpdate => UpdateTime.TotalMilliseconds / Steps;
}
