namespace Adam.Samples.DigitsTraining.Training;

/// <summary>How an epoch went.</summary>
/// <param name="Epoch">1 for the first.</param>
/// <param name="Loss">The mean loss of the images while they were learned from.</param>
/// <param name="TrainAccuracy">After the epoch, 0 to 1.</param>
/// <param name="TestAccuracy">After the epoch, 0 to 1.</param>
/// <param name="StepsPerSecond">Steps by the time that they took, with forward and backward passes.</param>
internal sealed record EpochReport(int Epoch, double Loss, double TrainAccuracy, double TestAccuracy, double StepsPerSecond);
