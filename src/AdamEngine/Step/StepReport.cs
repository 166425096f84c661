namespace Adam.Engine;

/// <summary>What a call of <see cref="AdamOptimizer.Apply"/> did. Nothing in it influences the arithmetic.</summary>
public sealed record StepReport
{
    /// <summary>Whether the call updated the weights or only accumulated.</summary>
    public required StepOutcome Outcome { get; init; }

    /// <summary>The raw iteration counter after the call.</summary>
    public required long Iterations { get; init; }

    /// <summary>Updates done after the call: Keras's public <c>optimizer.iterations</c>.</summary>
    public required long EffectiveIterations { get; init; }

    /// <summary>What Keras's getter gave at the start of the call, whether or not the call used it.</summary>
    public required float LearningRate { get; init; }

    /// <summary>
    /// The Euclidean norm over all given gradients together as they enter clipping: after the loss scale, and on an update with
    /// accumulation the mean over the window. On a call that only accumulates: of the unscaled gradients that were added.
    /// Computed in double in a fixed order; NaN or infinite if any element is.
    /// </summary>
    public required double GradientNorm { get; init; }

    /// <summary>How many elements of the gradients were NaN or infinite as they came in.</summary>
    public required long NonFiniteCount { get; init; }

    /// <summary>The variable of the first gradient in the list with a NaN or infinite element; null when there is none.</summary>
    public required int? FirstNonFiniteVariable { get; init; }
}
