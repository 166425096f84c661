namespace Adam.Samples.DigitsTraining.Training;

/// <summary>What determines a training run: the same plan gives the same bits.</summary>
internal sealed record TrainingPlan
{
    /// <summary>How often every image is seen; 1 or more.</summary>
    public int Epochs { get; init; } = 30;

    /// <summary>Images per step; 1 or more.</summary>
    public int BatchSize { get; init; } = 32;

    /// <summary>Where the first weights and the order of the images come from.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Adam's learning rate.</summary>
    public double LearningRate { get; init; } = 0.001;
}
