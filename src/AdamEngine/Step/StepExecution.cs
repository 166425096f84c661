using System.Collections.Immutable;
using Adam.Engine.Kernels;
using Adam.Engine.State;
using Adam.Engine.Threads;

namespace Adam.Engine.Step;

/// <summary>
/// Carries out steps: looks at the gradients first if something must be known before the weights change, then changes them in one pass.
/// Everything it needs is allocated once; a step allocates nothing.
/// </summary>
internal sealed class StepExecution
{
    // Below this a step is over before another thread has joined in.
    private const long InlineElementsMax = 32 * 1024;

    private readonly ImmutableArray<VariableSpec> _variables;
    private readonly StepThreads? _threads;
    private readonly StepPlan _plan;
    private readonly RowsStep?[] _rows;
    private readonly VariableStep[] _steps;
    private readonly KernelArguments[] _arguments;
    private readonly BlockMeasures[] _measures;
    private readonly TensorDType[] _stored;
    private readonly bool[] _hasGradient;
    private readonly KernelPass _survey;
    private readonly KernelPass _update;
    private readonly NormClipping _clipping;
    private readonly MaxNormPass _maxNorm;

    public StepExecution(
        OptimizerOptions options, ImmutableArray<VariableSpec> variables, SlotStore slots, StepThreads? threads, KernelWidth width)
    {
        _variables = variables;
        _plan = new StepPlan(variables);
        _threads = threads;
        _steps = [.. variables.Select(variable => new VariableStep(options, variable, width))];
        _arguments = new KernelArguments[variables.Length];
        _measures = new BlockMeasures[_plan.TotalBlocks];
        _stored = new TensorDType[variables.Length];
        _hasGradient = new bool[variables.Length];
        _survey = new KernelPass(_plan, _arguments, _measures);
        _update = new KernelPass(_plan, _arguments, _measures);
        _clipping = new NormClipping(options, variables, _plan);
        _maxNorm = new MaxNormPass(variables, slots);
        FindArrays(slots);
        _rows = [.. variables.Select((variable, index) => variable.RowUpdates == RowUpdates.Lazy
            ? new RowsStep(options.Groups[variable.Group], variable, index, slots, _steps[index], _arguments, _measures, _plan.FirstBlocks[index])
            : null)];
    }

    /// <summary>Looks up where the arrays are. To be called again when they have moved.</summary>
    public void FindArrays(SlotStore slots)
    {
        for (int index = 0; index < _arguments.Length; index++)
        {
            VariableStep.SetArrays(ref _arguments[index], slots, index);
        }
    }

    /// <summary>Decides what a step does, and looks at its gradients where that must be before anything changes.</summary>
    /// <param name="gradients">The gradients, which were checked.</param>
    /// <param name="groups">What each group does.</param>
    /// <param name="lossScale">What gradients are divided by, if they are.</param>
    /// <param name="surveysAll">Whether it must be known of every gradient whether it is finite.</param>
    public void Prepare(ReadOnlySpan<Gradient> gradients, ReadOnlySpan<GroupStep> groups, double lossScale, bool surveysAll)
    {
        Array.Clear(_hasGradient);
        foreach (ref readonly Gradient gradient in gradients)
        {
            int index = gradient.VariableIndex;
            _hasGradient[index] = true;
            _stored[index] = gradient.Values.DType;
            _steps[index].Prepare(groups[_variables[index].Group], gradient.Values, lossScale, ref _arguments[index]);
            if (_rows[index] is { } rows)
            {
                // Always: what is measured of rows that are done one by one would depend on how they are cut.
                Run(rows.Survey(gradient, groups[_variables[index].Group]), rows.ElementCount);
            }
        }

        bool surveys = false;
        for (int index = 0; index < _variables.Length; index++)
        {
            if (_rows[index] is not null && !_hasGradient[index])
            {
                _steps[index].Rest();
            }

            if (_variables[index].Role != VariableRole.Trainable || _rows[index] is not null)
            {
                continue;
            }

            if (!_hasGradient[index])
            {
                _steps[index].Prepare(groups[_variables[index].Group], null, lossScale, ref _arguments[index]);
            }

            bool isSurveyed = _hasGradient[index] && (surveysAll || _steps[index].NeedsNorm);
            _survey.Kernels[index] = isSurveyed ? _steps[index].Survey(_stored[index]) : null;
            surveys |= isSurveyed;
        }

        if (surveys)
        {
            Run(_survey, _plan.DenseElements);
        }
    }

    /// <summary>Changes the weights and slots. Nothing in here can fail.</summary>
    /// <param name="gradients">The gradients that were prepared.</param>
    public void Update(ReadOnlySpan<Gradient> gradients)
    {
        _clipping.SetFactors(gradients, _steps, _measures, _arguments);
        for (int index = 0; index < _variables.Length; index++)
        {
            if (_variables[index].Role == VariableRole.Trainable && _rows[index] is null)
            {
                _update.Kernels[index] = _steps[index].Step(
                    _stored[index], _survey.Kernels[index] is not null, _clipping.ScaledType(index));
            }
        }

        Run(_update, _plan.DenseElements);
        foreach (ref readonly Gradient gradient in gradients)
        {
            int index = gradient.VariableIndex;
            if (_rows[index] is { } rows)
            {
                Run(rows.Update(_clipping.ScaledType(index)), rows.ElementCount);
            }

            if (gradient.Rows is { } listed)
            {
                _maxNorm.Apply(index, listed.Ids);
            }
            else
            {
                _maxNorm.Apply(index);
            }
        }
    }

    /// <summary>Whether the last update wrote to a slot of a variable.</summary>
    public bool HasWritten(int index, AdamSlot slot) =>
        _steps[index].Writes(slot) || (slot == AdamSlot.Weights && _hasGradient[index] && _variables[index].Constraint is MaxNormConstraint);

    /// <summary>How many elements are not finite, and the first gradient that has one. Known after a survey or a step.</summary>
    public (long Count, int? FirstVariable) NonFinite(ReadOnlySpan<Gradient> gradients)
    {
        long total = 0;
        int? first = null;
        foreach (ref readonly Gradient gradient in gradients)
        {
            long count = 0;
            foreach (ref readonly BlockMeasures block in Blocks(gradient.VariableIndex))
            {
                count += block.NonFinite;
            }

            if (count > 0)
            {
                first ??= gradient.VariableIndex;
            }

            total += count;
        }

        return (total, first);
    }

    /// <summary>The norm of all gradients as they enter clipping. Known after a survey of all or a step.</summary>
    public double GradientNorm(ReadOnlySpan<Gradient> gradients)
    {
        double squares = 0;
        foreach (ref readonly Gradient gradient in gradients)
        {
            double own = 0;
            foreach (ref readonly BlockMeasures block in Blocks(gradient.VariableIndex))
            {
                own += block.GradientSquares;
            }

            squares += own;
        }

        return Math.Sqrt(squares);
    }

    /// <summary>The norm of what the step added to the weights. Known after a step.</summary>
    public double UpdateNorm()
    {
        double squares = 0;
        for (int index = 0; index < _variables.Length; index++)
        {
            if (_update.Kernels[index] is null && !(_hasGradient[index] && _rows[index] is not null))
            {
                continue;
            }

            double own = 0;
            foreach (ref readonly BlockMeasures block in Blocks(index))
            {
                own += block.UpdateSquares;
            }

            squares += own;
        }

        return Math.Sqrt(squares);
    }

    private ReadOnlySpan<BlockMeasures> Blocks(int index) =>
        _measures.AsSpan(_plan.FirstBlocks[index], _plan.FirstBlocks[index + 1] - _plan.FirstBlocks[index]);

    private void Run(StepJob pass, long elements)
    {
        if (_threads is { } threads && elements > InlineElementsMax)
        {
            threads.Run(pass);
        }
        else
        {
            for (int item = 0; item < pass.ItemCount; item++)
            {
                pass.RunItem(item);
            }
        }
    }
}
