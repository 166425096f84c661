namespace Adam.Engine;

/// <summary>
/// The arguments of <c>keras.optimizers.Adam</c>. Real numbers are doubles, as in Python, and are rounded to float32 at the
/// moment they meet an array. The values are checked by <see cref="AdamOptionsValidator"/>, not by the setters.
/// </summary>
public sealed record AdamOptions
{
    /// <summary>Keras <c>learning_rate</c>. Default: the constant 0.001.</summary>
    public LearningRate LearningRate { get; init; } = LearningRate.Constant(0.001);

    /// <summary>Keras <c>beta_1</c>: decay of the first moment. Any number. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Keras <c>beta_2</c>: decay of the second moment. Any number. Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>
    /// Keras <c>epsilon</c>, "epsilon hat" of the Adam paper: added to the square root after bias correction has moved into the
    /// step size. Any number. Default 1e-7.
    /// </summary>
    public double Epsilon { get; init; } = 1e-7;

    /// <summary>Keras <c>amsgrad</c>: divide by the largest second moment seen so far. Default false.</summary>
    public bool AmsGrad { get; init; }

    /// <summary>Keras <c>weight_decay</c>, decoupled. Any number; null is off, and 0 is not off. Default null.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Keras <c>clipnorm</c>: largest norm of each gradient. Null is off; 0, negative and NaN do nothing. Default null.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>
    /// Keras <c>global_clipnorm</c>: largest norm of all gradients together. Null is off; 0, negative and NaN do nothing.
    /// Default null.
    /// </summary>
    public double? GlobalClipNorm { get; init; }

    /// <summary>
    /// Keras <c>clipvalue</c>: largest magnitude of an element. Null is off; 0, negative and NaN do nothing. Default null.
    /// </summary>
    public double? ClipValue { get; init; }

    /// <summary>Keras <c>use_ema</c>: keep an exponential moving average of the weights. Default false.</summary>
    public bool UseEma { get; init; }

    /// <summary>Keras <c>ema_momentum</c>, 0 to 1; not looked at without <see cref="UseEma"/>. Default 0.99.</summary>
    public double EmaMomentum { get; init; } = 0.99;

    /// <summary>
    /// Keras <c>ema_overwrite_frequency</c>: every so many updates the weights become their average. 1 or more; null and 0 are
    /// off; not looked at without <see cref="UseEma"/>. Default null.
    /// </summary>
    public int? EmaOverwriteFrequency { get; init; }

    /// <summary>Keras <c>loss_scale_factor</c>: what gradients are divided by first. Any number; null is off. Default null.</summary>
    public double? LossScaleFactor { get; init; }

    /// <summary>
    /// Keras <c>gradient_accumulation_steps</c>: how many calls make one update. 2 or more; null and 0 are off. Default null.
    /// </summary>
    public int? GradientAccumulationSteps { get; init; }

    /// <summary>Keras <c>name</c>: any string without a slash. Default <c>adam</c>.</summary>
    public string Name { get; init; } = "adam";

    /// <summary>The Keras class, which matters to <see cref="KerasOptimizerJson"/> only. Default <see cref="KerasClass.Adam"/>.</summary>
    public KerasClass KerasClass { get; init; }

    /// <summary>Which numbers have an unusual Python type; matters to <see cref="KerasOptimizerJson"/> only. Default: none.</summary>
    public PythonTypes PythonTypes { get; init; }

    /// <summary>The defaults of <c>keras.optimizers.AdamW</c>, which is Adam with weight decay switched on.</summary>
    /// <param name="weightDecay">Keras <c>weight_decay</c>. Default 0.004.</param>
    public static AdamOptions AdamW(double weightDecay = 0.004) =>
        new() { WeightDecay = weightDecay, Name = "adam_w", KerasClass = KerasClass.AdamW };

    /// <summary>Calls per update when accumulation is on; 0 when it is off.</summary>
    internal int AccumulationSteps => GradientAccumulationSteps ?? 0;
}
