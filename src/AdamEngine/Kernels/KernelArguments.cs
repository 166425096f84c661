namespace Adam.Engine.Kernels;

/// <summary>
/// What a kernel works on: the arrays of one variable and the numbers that are the same for all of its elements, each already rounded
/// to the type in which it is used.
/// </summary>
internal unsafe struct KernelArguments
{
    public byte* Gradient;
    public byte* Weights;
    public byte* FirstMoment;
    public byte* SecondMoment;
    public byte* MaxSecondMoment;
    public byte* Average;
    public byte* Accumulator;

    /// <summary>What gradients are divided by.</summary>
    public float LossScale;

    /// <summary>Steps of an accumulation window.</summary>
    public float WindowSteps;

    /// <summary>The limit of <c>clipnorm</c> or <c>clipvalue</c>.</summary>
    public float ClipLimit;

    /// <summary>With <c>clipnorm</c> the larger of the norm and the limit.</summary>
    public float ClipDivisor;

    /// <summary>With <c>global_clipnorm</c> the factor.</summary>
    public float ClipScale;

    public float WeightDecay;
    public float LearningRate;
    public float Alpha;
    public float OneMinusBeta1;
    public float OneMinusBeta2;
    public float Epsilon;
    public float AverageMomentum;
    public float OneMinusAverageMomentum;
}
