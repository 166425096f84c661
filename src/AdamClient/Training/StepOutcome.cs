namespace Adam.Client;

/// <summary>What became of a batch.</summary>
public enum StepOutcome
{
    /// <summary>An outcome that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>The weights were updated.</summary>
    Applied = 1,

    /// <summary>The gradients were added to the accumulators; weights change at the end of the window.</summary>
    Accumulated = 2,

    /// <summary>The step was skipped by loss scaling or by the non-finite policy; its number is used up.</summary>
    Skipped = 3,

    /// <summary>It had been decided before: the result is the old one, nothing was applied again.</summary>
    Duplicate = 4,

    /// <summary>It carried a loss scale that is no longer the session's; nothing was consumed.</summary>
    StaleLossScale = 5,

    /// <summary>It came after its round was closed.</summary>
    Late = 6,

    /// <summary>It was refused and changed nothing. A step throws <see cref="AdamException"/> instead of returning this.</summary>
    Rejected = 7,
}
