using System.Collections.Immutable;
using Adam.Engine.Kernels;
using Adam.Engine.Numerics;

namespace Adam.Engine.Step;

/// <summary>Turns the sums of squares that a survey took into the numbers by which the step clips.</summary>
internal sealed class NormClipping(OptimizerOptions options, ImmutableArray<VariableSpec> variables, StepPlan plan)
{
    private readonly float[] _squares = new float[variables.Length];
    private readonly TensorDType[] _scaledTypes = new TensorDType[variables.Length];

    /// <summary>The type of the product of a variable's gradient with the factor of the global norm.</summary>
    public TensorDType ScaledType(int variable) => _scaledTypes[variable];

    /// <summary>Sets the divisor or the factor of every gradient that is clipped by a norm.</summary>
    public void SetFactors(
        ReadOnlySpan<Gradient> gradients, VariableStep[] steps, ReadOnlySpan<BlockMeasures> measures, Span<KernelArguments> arguments)
    {
        foreach (ref readonly Gradient gradient in gradients)
        {
            int index = gradient.VariableIndex;
            if ((steps[index].Flags & StepFlags.ClipsByNorm) != 0)
            {
                TensorDType type = steps[index].ClippedType;
                arguments[index].ClipDivisor = Clipping.NormDivisor(
                    SumOfSquares(index, type, measures), arguments[index].ClipLimit, type);
            }
        }

        int scopes = options.ClipScope == ClipScope.Session ? 1 : options.Groups.Length;
        for (int scope = 0; scope < scopes; scope++)
        {
            SetGlobalFactor(scope, gradients, steps, measures, arguments);
        }
    }

    private void SetGlobalFactor(
        int scope,
        ReadOnlySpan<Gradient> gradients,
        VariableStep[] steps,
        ReadOnlySpan<BlockMeasures> measures,
        Span<KernelArguments> arguments)
    {
        // Keras stacks the sums into one array, whose type is the widest of theirs; so are the factor and its products.
        int count = 0;
        TensorDType type = TensorDType.Float16;
        foreach (ref readonly Gradient gradient in gradients)
        {
            int index = gradient.VariableIndex;
            if (IsIn(scope, index, steps))
            {
                _squares[count++] = SumOfSquares(index, steps[index].ClippedType, measures);
                type = Rounded.Promote(type, steps[index].ClippedType);
            }
        }

        if (count == 0)
        {
            return;
        }

        ReadOnlySpan<float> squares = _squares.AsSpan(0, count);
        foreach (ref readonly Gradient gradient in gradients)
        {
            int index = gradient.VariableIndex;
            if (IsIn(scope, index, steps))
            {
                _scaledTypes[index] = type;
                arguments[index].ClipScale = Clipping.GlobalScale(squares, options.Groups[variables[index].Group].GlobalClipNorm!.Value, type);
            }
        }
    }

    private bool IsIn(int scope, int index, VariableStep[] steps) =>
        (steps[index].Flags & StepFlags.ClipsGlobally) != 0
        && (options.ClipScope == ClipScope.Session || variables[index].Group == scope);

    private float SumOfSquares(int index, TensorDType type, ReadOnlySpan<BlockMeasures> measures)
    {
        float total = 0f;
        for (int block = plan.FirstBlocks[index]; block < plan.FirstBlocks[index + 1]; block++)
        {
            total = Clipping.AddBlock(total, measures[block].ClipSquares, type);
        }

        return total;
    }
}
