using Adam.Engine.Kernels;
using Adam.Engine.Numerics;
using Adam.Engine.State;

namespace Adam.Engine.Step;

/// <summary>What steps do to one variable: decided once where it follows from the configuration, and anew where it follows from the step.</summary>
internal sealed unsafe class VariableStep
{
    private readonly AdamOptions _options;
    private readonly VariableSpec _variable;
    private readonly TensorDType _gradientType;
    private readonly TensorDType _unscaledType;
    private readonly StepFlags _alwaysFlags;
    private readonly KernelWidth _width;
    private KernelKey _stepKey;
    private KernelKey _surveyKey;
    private Kernel? _stepKernel;
    private Kernel? _surveyKernel;

    public VariableStep(OptimizerOptions options, VariableSpec variable, KernelWidth width)
    {
        _options = options.Groups[variable.Group];
        _variable = variable;
        _width = width;
        _gradientType = variable.GradientDType ?? variable.DType;

        // A dynamic scale is a float32 array to Keras, a static factor a Python number: so float16 gradients become float32 by the one
        // and stay what they are with the other.
        bool unscales = options.DynamicLossScale is not null || _options.LossScaleFactor is not null;
        _unscaledType = options.DynamicLossScale is not null ? TensorDType.Float32 : _gradientType;
        _alwaysFlags = Flag(unscales, StepFlags.Unscales)
            | Flag(_options.AmsGrad, StepFlags.AmsGrad)
            | Flag(_options.UseEma, StepFlags.Averages)
            | Flag(_options.WeightDecay is not null && !variable.ExcludedFromWeightDecay, StepFlags.Decays);
    }

    /// <summary>What the next step does.</summary>
    public StepFlags Flags { get; private set; }

    /// <summary>The type in which the gradient of the next step is clipped.</summary>
    public TensorDType ClippedType { get; private set; }

    /// <summary>Whether the next step clips by a norm.</summary>
    public bool NeedsNorm => (Flags & (StepFlags.ClipsByNorm | StepFlags.ClipsGlobally)) != 0;

    /// <summary>Whether the loop of the next step writes to a slot.</summary>
    public bool Writes(AdamSlot slot) => slot switch
    {
        AdamSlot.Weights => (Flags & (StepFlags.Updates | StepFlags.Overwrites | StepFlags.IsNonNegative)) != 0,
        AdamSlot.FirstMoment or AdamSlot.SecondMoment => (Flags & StepFlags.Updates) != 0,
        AdamSlot.MaxSecondMoment => (Flags & StepFlags.Updates) != 0 && (Flags & StepFlags.AmsGrad) != 0,
        AdamSlot.Average => (Flags & StepFlags.Averages) != 0,
        AdamSlot.RowSteps => _variable.RowUpdates == RowUpdates.Lazy && (Flags & StepFlags.Updates) != 0,
        AdamSlot.Accumulator => (Flags & StepFlags.EndsWindow) != 0 || (Flags & (StepFlags.HasGradient | StepFlags.Updates)) == StepFlags.HasGradient,
        _ => false,
    };

    /// <summary>Writes down where the arrays are.</summary>
    public static void SetArrays(ref KernelArguments arguments, SlotStore slots, int index)
    {
        arguments.Weights = slots.Address(index, AdamSlot.Weights);
        arguments.FirstMoment = slots.Address(index, AdamSlot.FirstMoment);
        arguments.SecondMoment = slots.Address(index, AdamSlot.SecondMoment);
        arguments.MaxSecondMoment = slots.Address(index, AdamSlot.MaxSecondMoment);
        arguments.Average = slots.Address(index, AdamSlot.Average);
        arguments.Accumulator = slots.Address(index, AdamSlot.Accumulator);
    }

    /// <summary>Decides what the next step does, and sets the numbers for it, except those that depend on a norm.</summary>
    /// <param name="step">The group's part of the step.</param>
    /// <param name="gradient">The gradient; null if there is none.</param>
    /// <param name="lossScale">What gradients are divided by, if they are.</param>
    /// <param name="arguments">Where the numbers go.</param>
    public void Prepare(in GroupStep step, TensorView? gradient, double lossScale, ref KernelArguments arguments)
    {
        bool endsWindow = step.AccumulationSteps != 0 && step.Updates;
        ClippedType = endsWindow ? Rounded.Promote(_unscaledType, _variable.DType) : _unscaledType;
        Flags = step.IsCalled ? FlagsOf(step, gradient is not null, endsWindow) : StepFlags.None;
        arguments.Gradient = gradient is { } values ? (byte*)values.Address : null;
        arguments.LossScale = Rounded.To(_unscaledType, lossScale);
        arguments.WindowSteps = Rounded.To(ClippedType, step.AccumulationSteps);
        if ((Flags & StepFlags.Updates) != 0)
        {
            SetUpdate(step, ref arguments);
        }

        if ((Flags & StepFlags.Averages) != 0)
        {
            arguments.AverageMomentum = MovingAverage.Momentum(_options.EmaMomentum, step.EffectiveIterations, _variable.DType);
            arguments.OneMinusAverageMomentum = MovingAverage.Rest(arguments.AverageMomentum, _variable.DType);
        }
    }

    /// <summary>Decides that the next step does nothing.</summary>
    public void Rest() => Flags = StepFlags.None;

    /// <summary>The loop that looks at the gradient before the step.</summary>
    public Kernel Survey(TensorDType stored)
    {
        const StepFlags Relevant = StepFlags.HasGradient | StepFlags.Unscales | StepFlags.EndsWindow | StepFlags.ClipsByNorm | StepFlags.ClipsGlobally;
        var key = new KernelKey(
            _width, Flags & Relevant, _variable.DType, stored, _gradientType, _unscaledType, ClippedType, TensorDType.Float32);
        if (_surveyKernel is null || _surveyKey != key)
        {
            (_surveyKernel, _surveyKey) = (KernelCatalog.Survey(key), key);
        }

        return _surveyKernel;
    }

    /// <summary>The loop that does the step; null if there is nothing to do.</summary>
    /// <param name="stored">How the gradient is stored.</param>
    /// <param name="isSurveyed">Whether the norm of the gradient is known already.</param>
    /// <param name="scaledType">The type of its product with the factor of the global norm.</param>
    public Kernel? Step(TensorDType stored, bool isSurveyed, TensorDType scaledType)
    {
        if (Flags == StepFlags.None)
        {
            return null;
        }

        StepFlags flags = Flags | Flag((Flags & StepFlags.HasGradient) != 0 && !isSurveyed, StepFlags.MeasuresGradient);
        var key = new KernelKey(_width, flags, _variable.DType, stored, _gradientType, _unscaledType, ClippedType, scaledType);
        if (_stepKernel is null || _stepKey != key)
        {
            (_stepKernel, _stepKey) = (KernelCatalog.Step(key), key);
        }

        return _stepKernel;
    }

    /// <summary>The loop that does the step of single rows, whose norm is known already.</summary>
    /// <param name="stored">How the gradient is stored.</param>
    /// <param name="overwrites">Whether the row's weights become their average, if there are averages.</param>
    /// <param name="scaledType">The type of the gradient's product with the factor of the global norm.</param>
    public Kernel Row(TensorDType stored, bool overwrites, TensorDType scaledType)
    {
        StepFlags flags = (Flags & ~StepFlags.Overwrites) | Flag(overwrites && (Flags & StepFlags.Averages) != 0, StepFlags.Overwrites);
        return KernelCatalog.Step(
            new KernelKey(_width, flags, _variable.DType, stored, _gradientType, _unscaledType, ClippedType, scaledType));
    }

    private static StepFlags Flag(bool isSet, StepFlags flag) => isSet ? flag : StepFlags.None;

    private StepFlags FlagsOf(in GroupStep step, bool hasGradient, bool endsWindow)
    {
        StepFlags flags = _alwaysFlags & StepFlags.Averages;
        if ((flags & StepFlags.Averages) != 0)
        {
            flags |= Flag(MovingAverage.Overwrites(_options.EmaOverwriteFrequency, step.EffectiveIterations), StepFlags.Overwrites);
        }

        // Accumulators of variables without a gradient in this step are emptied too: Keras drops their partial sums.
        flags |= Flag(endsWindow, StepFlags.EndsWindow);
        if (!hasGradient)
        {
            return flags;
        }

        flags |= StepFlags.HasGradient
            | (_alwaysFlags & StepFlags.Unscales)
            | Flag(_variable.Constraint is NonNegConstraint, StepFlags.IsNonNegative);
        return step.Updates ? flags | StepFlags.Updates | (_alwaysFlags & (StepFlags.AmsGrad | StepFlags.Decays)) | ClipFlag() : flags;
    }

    private StepFlags ClipFlag() =>
        Clipping.IsActive(_options.ClipNorm) ? StepFlags.ClipsByNorm
        : Clipping.IsActive(_options.GlobalClipNorm) ? StepFlags.ClipsGlobally
        : Flag(Clipping.IsActive(_options.ClipValue), StepFlags.ClipsByValue);

    private void SetUpdate(in GroupStep step, ref KernelArguments arguments)
    {
        StepScalars scalars = StepScalars.Of(step, _options.Epsilon, _variable.DType);
        arguments.LearningRate = scalars.LearningRate;
        arguments.Alpha = scalars.Alpha;
        arguments.OneMinusBeta1 = scalars.OneMinusBeta1;
        arguments.OneMinusBeta2 = scalars.OneMinusBeta2;
        arguments.Epsilon = scalars.Epsilon;
        arguments.WeightDecay = Rounded.To(_variable.DType, _options.WeightDecay ?? 0);
        double limit = (Flags & StepFlags.ClipsByNorm) != 0 ? _options.ClipNorm!.Value : _options.ClipValue ?? 0;
        arguments.ClipLimit = Rounded.To(ClippedType, limit);
    }
}
