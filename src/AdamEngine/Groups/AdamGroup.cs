using Adam.Engine.Step;

namespace Adam.Engine;

/// <summary>One Keras Adam of an optimizer: its arguments and its counter.</summary>
public sealed class AdamGroup
{
    internal AdamGroup(int index, AdamOptions options)
    {
        Index = index;
        Options = options;
    }

    /// <summary>Its place among the groups.</summary>
    public int Index { get; }

    /// <summary>Its arguments; <see cref="AdamOptions.LearningRate"/> is the one in force, not the one at construction.</summary>
    public AdamOptions Options { get; private set; }

    /// <summary>
    /// The raw counter: steps with a gradient for this group, accumulation micro-steps included; 0 to
    /// <see cref="AdamOptimizer.MaxIterations"/>.
    /// </summary>
    public long Iterations { get; internal set; }

    /// <summary>Updates done: Keras's public <c>optimizer.iterations</c>.</summary>
    public long EffectiveIterations => Accumulation.EffectiveIterations(Iterations, Options.AccumulationSteps);

    /// <summary>
    /// What Keras's getter <c>optimizer.learning_rate</c> gives now; a schedule is evaluated at <see cref="Iterations"/>. Null if every
    /// step brings its own.
    /// </summary>
    public float? CurrentLearningRate => Options.LearningRate is SuppliedLearningRate ? null : Options.LearningRate.At(Iterations);

    /// <summary>Sets the raw iteration counter, e.g. to resume; Keras's <c>optimizer.iterations.assign</c>.</summary>
    /// <param name="iterations">0 to <see cref="AdamOptimizer.MaxIterations"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public void SetIterations(long iterations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, AdamOptimizer.MaxIterations);
        Iterations = iterations;
    }

    /// <summary>
    /// Keras's setter <c>optimizer.learning_rate = ...</c>: a schedule and a supplied rate replace anything, a number replaces a number.
    /// </summary>
    /// <param name="rate">The rate from the next step on.</param>
    /// <param name="replaceSchedule">
    /// Whether a number may replace a schedule or a supplied rate. Keras has no way to do this, so it must be asked for. Default false.
    /// </param>
    /// <exception cref="LearningRateException">A number was given while a schedule or a supplied rate is in place.</exception>
    /// <exception cref="AdamOptionsException">The schedule is refused.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="rate"/> is null.</exception>
    public void SetLearningRate(LearningRate rate, bool replaceSchedule = false)
    {
        ArgumentNullException.ThrowIfNull(rate);
        AdamOptionsException.ThrowIfAny([.. AdamOptionsValidator.ValidateLearningRate(rate)]);
        if (rate is ConstantLearningRate && !replaceSchedule)
        {
            if (Options.LearningRate is ScheduledLearningRate)
            {
                throw new LearningRateException(LearningRateException.ScheduleInPlace);
            }

            if (Options.LearningRate is SuppliedLearningRate)
            {
                throw new LearningRateException(LearningRateException.SuppliedInPlace);
            }
        }

        Options = Options with { LearningRate = rate };
    }
}
