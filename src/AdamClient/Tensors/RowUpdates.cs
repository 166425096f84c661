namespace Adam.Client;

/// <summary>What a batch does to the rows (indices along the first dimension) of a tensor that its gradient has no values for.</summary>
public enum RowUpdates
{
    /// <summary>They have the gradient zero, as in Keras: their moments decay, and they move on.</summary>
    Dense = 1,

    /// <summary>
    /// They stay as they are. Each row counts its own updates, and replies carry the rows that the batch changed. Not what Keras does. Not together
    /// with <see cref="OptimizerSettings.GradientAccumulationSteps"/> or <see cref="MaxNormConstraint"/> along axis 0.
    /// </summary>
    Lazy = 2,
}
