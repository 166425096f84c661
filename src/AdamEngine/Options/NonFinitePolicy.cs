namespace Adam.Engine;

/// <summary>What happens to a step with a gradient element that is NaN or infinite. They are counted in any case.</summary>
public enum NonFinitePolicy
{
    /// <summary>They are used, as Keras does.</summary>
    Propagate = 0,

    /// <summary>The step is <see cref="StepOutcome.Skipped"/> and changes nothing.</summary>
    Skip = 1,

    /// <summary>The step is refused with <see cref="NonFiniteGradientException"/> and changes nothing.</summary>
    Reject = 2,
}
