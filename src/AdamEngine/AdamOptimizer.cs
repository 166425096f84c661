using System.Collections.Immutable;
using Adam.Engine.Gradients;
using Adam.Engine.State;
using Adam.Engine.Step;

namespace Adam.Engine;

/// <summary>
/// <c>keras.optimizers.Adam</c> together with the variables it optimises: the same bits as Keras on its numpy backend.
/// </summary>
/// <remarks>
/// An optimizer is used by one thread at a time. The weights start at zero: write the initial values through <see cref="Slot"/>.
/// </remarks>
public sealed class AdamOptimizer
{
    /// <summary>The largest value of <see cref="Iterations"/>: the counter is a 32-bit integer in Keras.</summary>
    public const long MaxIterations = int.MaxValue;

    private readonly SlotStore _slots;
    private readonly StepPipeline _pipeline;

    /// <summary>Builds the optimizer and allocates its slots, all zero.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="variables">The variables; their order is their identity.</param>
    /// <exception cref="AdamOptionsException">The configuration or the variables are refused; lists every reason.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    public AdamOptimizer(AdamOptions options, IReadOnlyList<VariableSpec> variables)
    {
        AdamOptionsException.ThrowIfAny([.. AdamOptionsValidator.Validate(options), .. VariableSpecValidator.Validate(variables)]);
        Options = options;
        Variables = [.. variables];
        _slots = new SlotStore(options, Variables);
        _pipeline = new StepPipeline(options, Variables, _slots);
    }

    /// <summary>The configuration; <see cref="AdamOptions.LearningRate"/> is the one in force, not the one at construction.</summary>
    public AdamOptions Options { get; private set; }

    /// <summary>The variables, in the order that indices refer to.</summary>
    public ImmutableArray<VariableSpec> Variables { get; }

    /// <summary>
    /// The raw counter: calls of <see cref="Apply"/>, accumulation micro-steps included; 0 to <see cref="MaxIterations"/>.
    /// </summary>
    public long Iterations { get; private set; }

    /// <summary>Updates done: Keras's public <c>optimizer.iterations</c>.</summary>
    public long EffectiveIterations => Accumulation.EffectiveIterations(Iterations, Options.AccumulationSteps);

    /// <summary>
    /// What Keras's getter <c>optimizer.learning_rate</c> gives now; a schedule is evaluated at <see cref="Iterations"/>.
    /// </summary>
    public float CurrentLearningRate => Options.LearningRate.At(Iterations);

    /// <summary>Whether the configuration has a slot.</summary>
    /// <param name="slot">The slot.</param>
    public bool HasSlot(AdamSlot slot) => SlotLayout.Contains(Options, slot);

    /// <summary>The numbers of a slot, to read or to write: row-major, as many as the variable has elements.</summary>
    /// <param name="variableIndex">Index into <see cref="Variables"/>.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such variable.</exception>
    /// <exception cref="InvalidOperationException">The configuration has no such slot; says which argument would bring it.</exception>
    public Span<float> Slot(int variableIndex, AdamSlot slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(variableIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(variableIndex, Variables.Length);
        return HasSlot(slot)
            ? _slots[variableIndex, slot]
            : throw new InvalidOperationException($"This optimizer has no slot {slot}: {SlotLayout.Requirement(slot)}.");
    }

    /// <summary>Sets the raw iteration counter, e.g. to resume; Keras's <c>optimizer.iterations.assign</c>.</summary>
    /// <param name="iterations">0 to <see cref="MaxIterations"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The value is outside that range.</exception>
    public void SetIterations(long iterations)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(iterations);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(iterations, MaxIterations);
        Iterations = iterations;
    }

    /// <summary>Keras's setter <c>optimizer.learning_rate = ...</c>: a schedule replaces anything, a number replaces a number.</summary>
    /// <param name="rate">The rate from the next call of <see cref="Apply"/> on.</param>
    /// <param name="replaceSchedule">
    /// Whether a number may replace a schedule. Keras has no way to do this, so it must be asked for. Default false.
    /// </param>
    /// <exception cref="LearningRateException">A number was given while a schedule is in place.</exception>
    /// <exception cref="AdamOptionsException">The schedule is refused.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="rate"/> is null.</exception>
    public void SetLearningRate(LearningRate rate, bool replaceSchedule = false)
    {
        ArgumentNullException.ThrowIfNull(rate);
        AdamOptionsException.ThrowIfAny([.. AdamOptionsValidator.ValidateLearningRate(rate)]);
        if (rate is ConstantLearningRate && Options.LearningRate is ScheduledLearningRate && !replaceSchedule)
        {
            throw new LearningRateException(LearningRateException.ScheduleInPlace);
        }

        Options = Options with { LearningRate = rate };
    }

    /// <summary>
    /// Keras's <c>optimizer.apply</c>: one step, or one micro-step of an accumulation window. Everything is validated before
    /// anything is changed.
    /// </summary>
    /// <param name="gradients">
    /// The gradients that are present, each variable at most once, in any order; the order matters to the global norm. Their
    /// buffers are overwritten.
    /// </param>
    /// <returns>What the call did.</returns>
    /// <exception cref="GradientMismatchException">The gradients do not fit; lists every reason. Nothing was changed.</exception>
    /// <exception cref="IterationLimitException">The counter is at <see cref="MaxIterations"/>. Nothing was changed.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="gradients"/> is null.</exception>
    public StepReport Apply(IReadOnlyList<Gradient> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        GradientValidator.ThrowIfMismatched(gradients, Variables);
        if (Iterations >= MaxIterations)
        {
            throw new IterationLimitException();
        }

        float learningRate = CurrentLearningRate;
        GradientFindings findings = GradientFindings.Of(gradients);
        (StepOutcome outcome, double norm) = _pipeline.Run(gradients, Iterations, learningRate);
        Iterations++;
        return new StepReport
        {
            Outcome = outcome,
            Iterations = Iterations,
            EffectiveIterations = EffectiveIterations,
            LearningRate = learningRate,
            GradientNorm = norm,
            NonFiniteCount = findings.NonFiniteCount,
            FirstNonFiniteVariable = findings.FirstNonFiniteVariable,
        };
    }

    /// <summary>
    /// Keras's <c>optimizer.finalize_variable_values</c>: every variable becomes its average. Without
    /// <see cref="AdamOptions.UseEma"/> it does nothing, as in Keras.
    /// </summary>
    public void FinalizeVariableValues()
    {
        if (!HasSlot(AdamSlot.Average))
        {
            return;
        }

        for (int index = 0; index < Variables.Length; index++)
        {
            _slots[index, AdamSlot.Average].CopyTo(_slots[index, AdamSlot.Weights]);
        }
    }
}
