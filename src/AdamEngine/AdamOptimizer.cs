using System.Collections.Immutable;
using Adam.Engine.Gradients;
using Adam.Engine.Kernels;
using Adam.Engine.State;
using Adam.Engine.Step;

namespace Adam.Engine;

/// <summary>
/// One <c>keras.optimizers.Adam</c>, or several side by side, together with the variables that they optimise: the same bits as Keras on its
/// numpy backend, on any number of threads and with vectors of any width.
/// </summary>
/// <remarks>
/// An optimizer is used by one thread at a time; the <see cref="StepThreads"/> that it is given may serve several. The weights start at
/// zero: write the initial values through <see cref="Slot"/>. Its memory is freed by <see cref="Dispose"/>, and by the collector once nobody
/// can reach the optimizer: a view of a slot does not keep it alive.
/// </remarks>
public sealed class AdamOptimizer : IDisposable
{
    /// <summary>The largest value of <see cref="AdamGroup.Iterations"/>: the counter is a 32-bit integer in Keras.</summary>
    public const long MaxIterations = int.MaxValue;

    private readonly OptimizerOptions _options;
    private readonly SlotStore _slots;
    private readonly StepExecution _execution;
    private readonly GradientValidator _validator;
    private readonly GroupStep[] _groupSteps;

    /// <summary>Builds plain Keras Adam and allocates its slots, all zero.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="variables">The variables; their order is their identity.</param>
    /// <param name="threads">The threads that large steps are spread over. Null: every step runs on its caller alone. Default null.</param>
    /// <exception cref="AdamOptionsException">The configuration or the variables are refused; lists every reason.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="OutOfMemoryException">The system has not enough memory.</exception>
    public AdamOptimizer(AdamOptions options, IReadOnlyList<VariableSpec> variables, StepThreads? threads = null)
        : this(OptimizerOptions.Of(options), AdamOptionsValidator.Validate(options), variables, threads, KernelWidths.Best)
    {
    }

    /// <summary>Builds an optimizer of one or more groups and allocates its slots, all zero.</summary>
    /// <param name="options">The configuration.</param>
    /// <param name="variables">The variables; their order is their identity.</param>
    /// <param name="threads">The threads that large steps are spread over. Null: every step runs on its caller alone. Default null.</param>
    /// <exception cref="AdamOptionsException">The configuration or the variables are refused; lists every reason.</exception>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="OutOfMemoryException">The system has not enough memory.</exception>
    public AdamOptimizer(OptimizerOptions options, IReadOnlyList<VariableSpec> variables, StepThreads? threads = null)
        : this(options, variables, threads, KernelWidths.Best)
    {
    }

    internal AdamOptimizer(OptimizerOptions options, IReadOnlyList<VariableSpec> variables, StepThreads? threads, KernelWidth width)
        : this(options, OptimizerOptionsValidator.Validate(options), variables, threads, width)
    {
    }

    private AdamOptimizer(
        OptimizerOptions options,
        IReadOnlyList<OptionError> errors,
        IReadOnlyList<VariableSpec> variables,
        StepThreads? threads,
        KernelWidth width)
    {
        int groupCount = options.Groups.IsDefaultOrEmpty ? 0 : options.Groups.Length;
        AdamOptionsException.ThrowIfAny(
            [.. errors, .. VariableSpecValidator.Validate(variables, groupCount), .. LazyRowsValidator.Validate(options, variables)]);
        _options = options;
        Variables = [.. variables];
        Groups = [.. options.Groups.Select((group, index) => new AdamGroup(index, group))];
        LossScale = options.DynamicLossScale is { } dynamic ? new LossScaleState(dynamic) : null;
        _slots = new SlotStore(options, Variables);
        _execution = new StepExecution(options, Variables, _slots, threads, width);
        _validator = new GradientValidator(Variables);
        _groupSteps = new GroupStep[Groups.Length];
    }

    /// <summary>The configuration; learning rates are those in force, not those at construction.</summary>
    public OptimizerOptions Options => _options with { Groups = [.. Groups.Select(group => group.Options)] };

    /// <summary>The variables, in the order that indices refer to.</summary>
    public ImmutableArray<VariableSpec> Variables { get; }

    /// <summary>The Keras Adams, in the order of <see cref="OptimizerOptions.Groups"/>; plain Keras has one.</summary>
    public ImmutableArray<AdamGroup> Groups { get; }

    /// <summary>Where the dynamic loss scale stands. Null: there is none.</summary>
    public LossScaleState? LossScale { get; }

    /// <summary>The number by which the next step's loss is to be multiplied: the dynamic scale, the static factor, or 1.</summary>
    public double CurrentLossScale => LossScale?.Scale ?? _options.Groups[0].LossScaleFactor ?? 1;

    /// <summary>Whether a variable has a slot.</summary>
    /// <param name="variableIndex">Index into <see cref="Variables"/>.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such variable.</exception>
    public bool HasSlot(int variableIndex, AdamSlot slot)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(variableIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(variableIndex, Variables.Length);
        return SlotLayout.Contains(_options, Variables[variableIndex], slot);
    }

    /// <summary>
    /// The numbers of a slot, to read or to write: row-major, as many as the variable has elements and of its type, but for
    /// <see cref="AdamSlot.RowSteps"/>. They live as long as the optimizer.
    /// </summary>
    /// <param name="variableIndex">Index into <see cref="Variables"/>.</param>
    /// <param name="slot">The slot.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such variable.</exception>
    /// <exception cref="InvalidOperationException">The variable has no such slot; says which argument would bring it.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer was disposed of.</exception>
    public TensorView Slot(int variableIndex, AdamSlot slot) => HasSlot(variableIndex, slot)
        ? _slots[variableIndex, slot]
        : throw new InvalidOperationException(
            $"Variable {variableIndex} ('{Variables[variableIndex].Path}') has no slot {slot}: {SlotLayout.Requirement(slot)}.");

    /// <summary>
    /// Keras's <c>optimizer.apply</c>: one step, or one micro-step of an accumulation window. Everything that can fail comes before
    /// anything is changed.
    /// </summary>
    /// <param name="gradients">
    /// The gradients that are present, each variable at most once, in any order; the order matters to the global norm.
    /// </param>
    /// <param name="overrides">
    /// Numbers for this step alone: nothing, one entry for all groups, or one for each. A group whose learning rate is supplied needs one.
    /// </param>
    /// <param name="scalars">
    /// What <see cref="Scalars"/> gave when the step was first made, to repeat it with the same bits on a machine with another mathematical
    /// library. Empty: this machine's is asked.
    /// </param>
    /// <returns>What the call did.</returns>
    /// <exception cref="GradientMismatchException">The gradients do not fit; lists every reason. Nothing was changed.</exception>
    /// <exception cref="IterationLimitException">The counter of a group is at <see cref="MaxIterations"/>. Nothing was changed.</exception>
    /// <exception cref="LearningRateMissingException">A group's learning rate is supplied, and it was not. Nothing was changed.</exception>
    /// <exception cref="NonFiniteGradientException">A gradient is not finite and the policy is to reject. Nothing was changed.</exception>
    /// <exception cref="ArgumentException">There are overrides, but not one for all groups or one for each.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer was disposed of.</exception>
    public StepReport Apply(
        ReadOnlySpan<Gradient> gradients, ReadOnlySpan<StepOverrides> overrides = default, ReadOnlySpan<GroupScalars> scalars = default)
    {
        _slots.ThrowIfDisposed();

        // 1 What does not fit is refused.
        _validator.ThrowIfMismatched(gradients);
        PlanGroups(gradients, overrides);
        TakeScalars(scalars);

        // 2 What depends on the gradients' values is decided, still without a change.
        bool mustBeFinite = LossScale is not null || _options.NonFinitePolicy != NonFinitePolicy.Propagate;
        _execution.Prepare(gradients, _groupSteps, CurrentLossScale, mustBeFinite);
        if (mustBeFinite && _execution.NonFinite(gradients) is (> 0, { } first) found)
        {
            return Skip(gradients, found.Count, first);
        }

        // 3 The step. From here on nothing fails.
        _execution.Update(gradients);
        LossScale?.CountFinite();
        foreach (AdamGroup group in Groups)
        {
            group.Iterations += _groupSteps[group.Index].IsCalled ? 1 : 0;
        }

        return Report(gradients, AnyUpdates() ? StepOutcome.Applied : StepOutcome.Accumulated, _execution.UpdateNorm());
    }

    /// <summary>What <see cref="Apply"/> would take from the machine's mathematical library for these gradients now. Changes nothing.</summary>
    /// <param name="gradients">The gradients that are present; their values are not looked at.</param>
    /// <param name="overrides">As for <see cref="Apply"/>.</param>
    /// <returns>An entry for each group that has a gradient.</returns>
    /// <exception cref="IterationLimitException">The counter of a group is at <see cref="MaxIterations"/>.</exception>
    /// <exception cref="LearningRateMissingException">A group's learning rate is supplied, and it was not.</exception>
    /// <exception cref="ArgumentException">There are overrides, but not one for all groups or one for each.</exception>
    public ImmutableArray<GroupScalars> Scalars(ReadOnlySpan<Gradient> gradients, ReadOnlySpan<StepOverrides> overrides = default)
    {
        PlanGroups(gradients, overrides);
        var scalars = ImmutableArray.CreateBuilder<GroupScalars>();
        for (int index = 0; index < _groupSteps.Length; index++)
        {
            ref readonly GroupStep step = ref _groupSteps[index];
            if (step.IsCalled)
            {
                long update = step.EffectiveIterations + 1;
                scalars.Add(new GroupScalars(
                    index,
                    step.LearningRate,
                    StepScalars.Powers(step, update, TensorDType.Float32),
                    StepScalars.Powers(step, update, TensorDType.Float16)));
            }
        }

        return scalars.DrainToImmutable();
    }

    /// <summary>
    /// Whether the last call of <see cref="Apply"/> wrote to a slot, whatever the values were. Of a call that was skipped or refused it says
    /// nothing.
    /// </summary>
    /// <param name="variableIndex">Index into <see cref="Variables"/>.</param>
    /// <param name="slot">The slot; one that the variable does not have was not written.</param>
    /// <exception cref="IndexOutOfRangeException">There is no such variable.</exception>
    public bool HasWritten(int variableIndex, AdamSlot slot) => _execution.HasWritten(variableIndex, slot);

    /// <summary>
    /// Keras's <c>optimizer.finalize_variable_values</c>: every variable of a group with <see cref="AdamOptions.UseEma"/> becomes its
    /// average. Without it nothing happens, as in Keras. Lazy rows that were never updated have no average and stay as they are.
    /// </summary>
    public void FinalizeVariableValues()
    {
        for (int index = 0; index < Variables.Length; index++)
        {
            if (HasSlot(index, AdamSlot.Average) && HasSlot(index, AdamSlot.RowSteps))
            {
                FinalizeRows(index);
            }
            else if (HasSlot(index, AdamSlot.Average))
            {
                _slots[index, AdamSlot.Average].CopyTo(_slots[index, AdamSlot.Weights]);
            }
        }
    }

    /// <summary>
    /// Moves the weights of all variables to memory of the caller, with their present values; from then on they are kept there. What
    /// <see cref="Slot"/> gave of them before is stale.
    /// </summary>
    /// <param name="memory">
    /// An array for each of <see cref="Variables"/>, of its type and with as many elements, that overlaps no other. It must stay until the
    /// optimizer is disposed of, and nobody else may write to it.
    /// </param>
    /// <exception cref="ArgumentException">An array is missing, or does not fit its variable. Nothing was moved.</exception>
    /// <exception cref="ArgumentNullException"><paramref name="memory"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The optimizer was disposed of.</exception>
    public void MoveWeights(IReadOnlyList<TensorView> memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        _slots.ThrowIfDisposed();
        if (memory.Count != Variables.Length)
        {
            throw new ArgumentException($"There are {memory.Count} arrays for {Variables.Length} variables; give one for each.", nameof(memory));
        }

        for (int index = 0; index < Variables.Length; index++)
        {
            VariableSpec variable = Variables[index];
            if (memory[index].DType != variable.DType || memory[index].ElementCount != variable.ElementCount)
            {
                throw new ArgumentException(
                    $"Array {index} has {memory[index].ElementCount} elements of {memory[index].DType}, but variable {index} ('{variable.Path}') has "
                    + $"{variable.ElementCount} of {variable.DType}.",
                    nameof(memory));
            }
        }

        _slots.MoveWeights(memory);
        _execution.FindArrays(_slots);
    }

    /// <summary>Frees the memory. What <see cref="Slot"/> gave must not be used any more.</summary>
    public void Dispose() => _slots.Dispose();

    private void FinalizeRows(int index)
    {
        (TensorView averages, TensorView weights) = (_slots[index, AdamSlot.Average], _slots[index, AdamSlot.Weights]);
        long length = Variables[index].RowLength;
        ReadOnlySpan<int> steps = _slots[index, AdamSlot.RowSteps].Span<int>();
        for (int row = 0; row < steps.Length; row++)
        {
            if (steps[row] > 0)
            {
                averages.Slice(row * length, length).CopyTo(weights.Slice(row * length, length));
            }
        }
    }

    private void PlanGroups(ReadOnlySpan<Gradient> gradients, ReadOnlySpan<StepOverrides> overrides)
    {
        if (overrides.Length > 1 && overrides.Length != Groups.Length)
        {
            throw new ArgumentException(
                $"There are {overrides.Length} overrides for {Groups.Length} groups; give one for all or one for each.", nameof(overrides));
        }

        Array.Clear(_groupSteps);
        foreach (ref readonly Gradient gradient in gradients)
        {
            int index = Variables[gradient.VariableIndex].Group;
            if (!_groupSteps[index].IsCalled)
            {
                StepOverrides own = overrides.IsEmpty ? default : overrides[overrides.Length == 1 ? 0 : index];
                _groupSteps[index] = PlanGroup(Groups[index], own);
            }
        }
    }

    private void TakeScalars(ReadOnlySpan<GroupScalars> scalars)
    {
        foreach (ref readonly GroupScalars recorded in scalars)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)recorded.Group, (uint)_groupSteps.Length, nameof(scalars));
            if (_groupSteps[recorded.Group].IsCalled)
            {
                _groupSteps[recorded.Group] = _groupSteps[recorded.Group] with { LearningRate = recorded.LearningRate, Recorded = recorded };
            }
        }
    }

    private static GroupStep PlanGroup(AdamGroup group, in StepOverrides overrides)
    {
        if (group.Iterations >= MaxIterations)
        {
            throw new IterationLimitException();
        }

        AdamOptions options = group.Options;
        double rate = overrides.LearningRate ?? group.CurrentLearningRate ?? throw new LearningRateMissingException(group.Index);
        return new GroupStep(
            IsCalled: true,
            group.Iterations,
            options.AccumulationSteps,
            rate,
            overrides.Beta1 ?? options.Beta1,
            overrides.Beta2 ?? options.Beta2);
    }

    private StepReport Skip(ReadOnlySpan<Gradient> gradients, long count, int first)
    {
        if (_options.NonFinitePolicy == NonFinitePolicy.Reject)
        {
            throw new NonFiniteGradientException(first, Variables[first].Path, count);
        }

        LossScale?.CountSkipped();
        return Report(gradients, StepOutcome.Skipped, 0);
    }

    private bool AnyUpdates()
    {
        foreach (ref readonly GroupStep step in _groupSteps.AsSpan())
        {
            if (step.IsCalled && step.Updates)
            {
                return true;
            }
        }

        return false;
    }

    private StepReport Report(ReadOnlySpan<Gradient> gradients, StepOutcome outcome, double updateNorm)
    {
        (long count, int? first) = _execution.NonFinite(gradients);
        return new StepReport
        {
            Outcome = outcome,
            LearningRate = FirstCalled().LearningRate,
            GradientNorm = _execution.GradientNorm(gradients),
            UpdateNorm = updateNorm,
            NonFiniteCount = count,
            FirstNonFiniteVariable = first,
            LossScale = CurrentLossScale,
        };
    }

    private ref readonly GroupStep FirstCalled()
    {
        int index = 0;
        while (!_groupSteps[index].IsCalled)
        {
            index++;
        }

        return ref _groupSteps[index];
    }
}
