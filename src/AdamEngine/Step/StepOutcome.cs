namespace Adam.Engine;

/// <summary>What a call of <see cref="AdamOptimizer.Apply"/> did to the weights.</summary>
public enum StepOutcome
{
    /// <summary>At least one group updated its weights.</summary>
    Applied = 0,

    /// <summary>The gradients were added to the accumulators; weights change at the end of the window.</summary>
    Accumulated = 1,

    /// <summary>A gradient was not finite, and the loss scale or the policy skipped the step. Only the loss scale has changed, if there is one.</summary>
    Skipped = 2,
}
