namespace Adam.Engine;

/// <summary>The raw iteration counter has reached its limit. Nothing was changed.</summary>
public sealed class IterationLimitException : InvalidOperationException
{
    /// <summary>Creates the exception.</summary>
    public IterationLimitException()
        : base(
            $"The iteration counter has reached its limit of {AdamOptimizer.MaxIterations} and would wrap around; "
            + "set it back with SetIterations to go on.")
    {
    }
}
