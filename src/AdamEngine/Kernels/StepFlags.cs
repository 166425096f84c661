namespace Adam.Engine.Kernels;

/// <summary>What a step does to one variable. Each bit is a type argument of <see cref="StepVariant{T0,T1,T2,T3,T4,T5,T6,T7,T8,T9,T10,T11,T12}"/>, in this order.</summary>
[Flags]
internal enum StepFlags
{
    None = 0,

    /// <summary>The variable has a gradient in this step.</summary>
    HasGradient = 1 << 0,

    /// <summary>The step updates the weights; otherwise it only accumulates.</summary>
    Updates = 1 << 1,

    /// <summary>Gradients are divided by the loss scale.</summary>
    Unscales = 1 << 2,

    /// <summary>The accumulation window ends: gradients become the mean over it, and the accumulator zero.</summary>
    EndsWindow = 1 << 3,

    /// <summary>Keras <c>clipnorm</c>.</summary>
    ClipsByNorm = 1 << 4,

    /// <summary>Keras <c>global_clipnorm</c>.</summary>
    ClipsGlobally = 1 << 5,

    /// <summary>Keras <c>clipvalue</c>.</summary>
    ClipsByValue = 1 << 6,

    /// <summary>Weight decay applies to the variable.</summary>
    Decays = 1 << 7,

    /// <summary>Keras <c>amsgrad</c>.</summary>
    AmsGrad = 1 << 8,

    /// <summary>Keras <c>use_ema</c>.</summary>
    Averages = 1 << 9,

    /// <summary>The weights become their average in this step.</summary>
    Overwrites = 1 << 10,

    /// <summary>The variable has the constraint NonNeg.</summary>
    IsNonNegative = 1 << 11,

    /// <summary>The norm of the gradient is taken here, because no survey has taken it before.</summary>
    MeasuresGradient = 1 << 12,
}
