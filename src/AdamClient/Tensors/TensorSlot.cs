namespace Adam.Client;

/// <summary>A kind of state that a session holds for each tensor. Which ones exist follows from the settings.</summary>
public enum TensorSlot
{
    /// <summary>The parameters themselves.</summary>
    Weights = 1,

    /// <summary>m, Keras's <c>momentum</c>.</summary>
    FirstMoment = 2,

    /// <summary>v, Keras's <c>velocity</c>.</summary>
    SecondMoment = 3,

    /// <summary>The running maximum of v, Keras's <c>velocity_hat</c>; only with <see cref="AdamSettings.AmsGrad"/>.</summary>
    MaxSecondMoment = 4,

    /// <summary>The moving average of the weights; only with <see cref="AdamSettings.UseEma"/>.</summary>
    Average = 5,

    /// <summary>The sum of the gradients of an unfinished window; only with <see cref="OptimizerSettings.GradientAccumulationSteps"/>.</summary>
    Accumulator = 6,

    /// <summary>
    /// How many updates each row has had, one <see cref="TensorDType.Int32"/> of 0 to 2^31 - 1 for each; only with <see cref="RowUpdates.Lazy"/>.
    /// </summary>
    RowSteps = 7,
}
