namespace Adam.Engine;

/// <summary>The arrays that an optimizer can hold for each variable, of the variable's shape and type if nothing else is said.</summary>
public enum AdamSlot
{
    /// <summary>The variable itself. Always present.</summary>
    Weights = 0,

    /// <summary>Keras <c>momentum</c>, m in the Adam paper. Always present; starts at zero.</summary>
    FirstMoment = 1,

    /// <summary>Keras <c>velocity</c>, v in the Adam paper. Always present; starts at zero.</summary>
    SecondMoment = 2,

    /// <summary>Keras <c>velocity_hat</c>. Present with <see cref="AdamOptions.AmsGrad"/>; starts at zero.</summary>
    MaxSecondMoment = 3,

    /// <summary>Keras <c>average</c>. Present with <see cref="AdamOptions.UseEma"/>; starts at zero.</summary>
    Average = 4,

    /// <summary>
    /// Keras <c>gradient_accumulator</c>. Present with <see cref="AdamOptions.GradientAccumulationSteps"/>; starts at zero.
    /// </summary>
    Accumulator = 5,

    /// <summary>
    /// How many times each row was updated: <see cref="TensorDType.Int32"/>, one element a row, 0 or more. Present with
    /// <see cref="RowUpdates.Lazy"/>; starts at zero, and stays at 2^31 - 1 once it is there.
    /// </summary>
    RowSteps = 6,
}
