namespace Adam.Client;

/// <summary>What happens to a batch whose gradients hold a NaN or an infinity. They are counted in any case.</summary>
public enum NonFinitePolicy
{
    /// <summary>A policy that this version of the SDK does not know.</summary>
    Unknown = 0,

    /// <summary>They are used, as Keras does.</summary>
    Propagate = 1,

    /// <summary>The batch becomes <see cref="StepOutcome.Skipped"/> and changes no number.</summary>
    Skip = 2,

    /// <summary>The batch is refused with <see cref="AdamException"/> (<see cref="AdamErrorReason.NonFiniteGradient"/>).</summary>
    Reject = 3,
}
