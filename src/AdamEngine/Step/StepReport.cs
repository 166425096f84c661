namespace Adam.Engine;

/// <summary>What a call of <see cref="AdamOptimizer.Apply"/> did. Nothing in it influences the arithmetic.</summary>
public readonly record struct StepReport
{
    /// <summary>Whether the call updated the weights, only accumulated, or was skipped.</summary>
    public required StepOutcome Outcome { get; init; }

    /// <summary>
    /// The learning rate of the first group that the step called, whether or not the call used it; before its rounding to the
    /// variables' types if the step brought it.
    /// </summary>
    public required double LearningRate { get; init; }

    /// <summary>
    /// The Euclidean norm over all given gradients together as they enter clipping: after the loss scale, and on an update with
    /// accumulation the mean over the window. On a call that only accumulates: of the unscaled gradients that were added.
    /// Good to about one part in a million, the same bits for every width and number of threads; NaN or infinite if any element is. Where a mean over
    /// a window exceeds 1.8e19, it is infinite.
    /// </summary>
    public required double GradientNorm { get; init; }

    /// <summary>
    /// The Euclidean norm of what the step added to the weights, over all variables: decay and overwriting by averages included,
    /// before constraints. Good to about one part in a million, the same bits for every width and number of threads; differences below 1e-19 do not
    /// count, one beyond 1.8e19 makes it infinite.
    /// </summary>
    public required double UpdateNorm { get; init; }

    /// <summary>How many elements of the gradients were NaN or infinite as they came in.</summary>
    public required long NonFiniteCount { get; init; }

    /// <summary>The variable of the first gradient in the list with a NaN or infinite element; null when there is none.</summary>
    public required int? FirstNonFiniteVariable { get; init; }

    /// <summary>The number by which the next step's loss is to be multiplied; 1 if there is no loss scale.</summary>
    public required double LossScale { get; init; }
}
