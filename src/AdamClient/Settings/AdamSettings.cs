namespace Adam.Client;

/// <summary>
/// The arguments of one <c>keras.optimizers.Adam</c>; those that a session has once are in <see cref="OptimizerSettings"/>. Null stands for Keras's default everywhere; in what the service returns every
/// default is filled in. Numbers are doubles, as in Python, and are rounded to float32 where Keras does it. The service refuses
/// what Keras refuses with <see cref="InvalidOptimizerException"/>.
/// </summary>
public sealed record AdamSettings
{
    /// <summary>Keras <c>learning_rate</c>: a number, a schedule, or what each step brings. Null: the constant 0.001.</summary>
    public LearningRate? LearningRate { get; init; }

    /// <summary>Keras <c>beta_1</c>: decay of the first moment. Any number. Null: 0.9.</summary>
    public double? Beta1 { get; init; }

    /// <summary>Keras <c>beta_2</c>: decay of the second moment. Any number. Null: 0.999.</summary>
    public double? Beta2 { get; init; }

    /// <summary>Keras <c>epsilon</c>, added to the square root ("epsilon hat"). Any number. Null: 1e-7.</summary>
    public double? Epsilon { get; init; }

    /// <summary>Keras <c>amsgrad</c>: divide by the running maximum of the second moment. Null: false.</summary>
    public bool? AmsGrad { get; init; }

    /// <summary>Keras <c>weight_decay</c>, decoupled. Any number. Null: none, which is not the same as 0.</summary>
    public double? WeightDecay { get; init; }

    /// <summary>Keras <c>clipnorm</c>: the largest norm of each gradient. At most one of the three clips may be set. Null: off.</summary>
    public double? ClipNorm { get; init; }

    /// <summary>Keras <c>global_clipnorm</c>: the largest norm of all gradients together. Null: off.</summary>
    public double? GlobalClipNorm { get; init; }

    /// <summary>Keras <c>clipvalue</c>: the largest magnitude of an element. Null: off.</summary>
    public double? ClipValue { get; init; }

    /// <summary>Keras <c>use_ema</c>: keep a moving average of the weights. Null: false.</summary>
    public bool? UseEma { get; init; }

    /// <summary>Keras <c>ema_momentum</c>, 0 to 1. Null: 0.99.</summary>
    public double? EmaMomentum { get; init; }

    /// <summary>
    /// Keras <c>ema_overwrite_frequency</c>: every so many updates the weights become their average; 1 or more. Null: never.
    /// </summary>
    public long? EmaOverwriteFrequency { get; init; }

    /// <summary>
    /// Keras <c>exclude_from_weight_decay(var_names=...)</c>: regular expressions, searched in the last part of each tensor's name.
    /// They must not need backtracking. Default: none.
    /// </summary>
    public IReadOnlyList<string> ExcludeFromWeightDecay { get; init; } = [];

    /// <summary>Keras's name of the optimizer, without "/". It changes no number. Null: <c>adam</c>.</summary>
    public string? Name { get; init; }
}
