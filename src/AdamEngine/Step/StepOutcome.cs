namespace Adam.Engine;

/// <summary>What a call of <see cref="AdamOptimizer.Apply"/> did to the weights.</summary>
public enum StepOutcome
{
    /// <summary>The weights and moments were updated.</summary>
    Applied = 0,

    /// <summary>The gradients were added to the accumulators; an update follows at the end of the window.</summary>
    Accumulated = 1,
}
