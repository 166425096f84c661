using System.Collections.Immutable;
using Adam.Engine.Kernels;
using Adam.Engine.Numerics;
using Adam.Engine.State;

namespace Adam.Engine.Step;

/// <summary>
/// Keras <c>MaxNorm</c>: after everything else, x = x * (d / (epsilon + n)) with the norm n along an axis and d, the norm limited to the
/// maximum. Sums are NumPy's: along an axis with elements behind it row by row, along one without in the order of <see cref="PairwiseSum"/>.
/// </summary>
internal sealed unsafe class MaxNormPass
{
    // Keras's backend.epsilon().
    private const double BackendEpsilon = 1e-7;

    private readonly SlotStore _slots;
    private readonly Target?[] _targets;
    private readonly float[] _squares = new float[PairwiseSum.BlockLength];

    public MaxNormPass(ImmutableArray<VariableSpec> variables, SlotStore slots)
    {
        _slots = slots;
        _targets = [.. variables.Select(MakeTarget)];
    }

    /// <summary>Applies the constraint of a variable, if it is one of this kind.</summary>
    public void Apply(int variable)
    {
        if (_targets[variable] is { } target)
        {
            target.Weights = _slots.Address(variable, AdamSlot.Weights);
            Apply(target, 0, target.Before);
        }
    }

    /// <summary>Applies it to some rows of a variable, none of whose norms goes across rows.</summary>
    public void Apply(int variable, ReadOnlySpan<long> rows)
    {
        if (_targets[variable] is { } target)
        {
            target.Weights = _slots.Address(variable, AdamSlot.Weights);
            foreach (long row in rows)
            {
                Apply(target, row * target.SlabsPerRow, target.SlabsPerRow);
            }
        }
    }

    private void Apply(Target target, long firstSlab, long count)
    {
        if (target.DType == TensorDType.Float16)
        {
            Apply<Float16Elements>(target, firstSlab, count);
        }
        else
        {
            Apply<Float32Elements>(target, firstSlab, count);
        }
    }

    /// <summary>Numbers that the constraint of a variable needs to be remembered at a time; 0 without one, and where its lines do not lie side by side.</summary>
    public static long ColumnCount(VariableSpec variable)
    {
        if (variable.Constraint is not MaxNormConstraint constraint || variable.ElementCount == 0)
        {
            return 0;
        }

        long behind = variable.Shape.Skip(AxisOf(constraint, variable) + 1).Aggregate(1L, (product, dimension) => product * dimension);
        return behind == 1 ? 0 : behind;
    }

    private static int AxisOf(MaxNormConstraint constraint, VariableSpec variable) =>
        (int)(constraint.Axis < 0 ? constraint.Axis + variable.Shape.Length : constraint.Axis);

    private static Target? MakeTarget(VariableSpec variable)
    {
        if (variable.Constraint is not MaxNormConstraint constraint || variable.ElementCount == 0)
        {
            return null;
        }

        int axis = AxisOf(constraint, variable);
        long before = variable.Shape.Take(axis).Aggregate(1L, (product, dimension) => product * dimension);
        long behind = variable.Shape.Skip(axis + 1).Aggregate(1L, (product, dimension) => product * dimension);
        return new Target(
            variable.DType,
            before,
            before / variable.RowCount,
            variable.Shape[axis],
            behind,
            Rounded.To(variable.DType, constraint.MaxValue),
            Rounded.To(variable.DType, BackendEpsilon));
    }

    private static float Load<TState>(byte* weights, long index)
        where TState : struct, IStateElements => TState.Load<ScalarLanes, float, ScalarSums>(weights, index);

    private static float Round<TState>(float value)
        where TState : struct, IStateElements => TState.Round<ScalarLanes, float, ScalarSums>(value);

    private void Apply<TState>(Target target, long firstSlab, long count)
        where TState : struct, IStateElements
    {
        for (long slab = firstSlab; slab < firstSlab + count; slab++)
        {
            long first = slab * target.Length * target.Behind;
            if (target.Behind == 1)
            {
                float factor = Factor<TState>(target, ContiguousSum<TState>(target, first));
                for (long i = first; i < first + target.Length; i++)
                {
                    Scale<TState>(target, i, factor);
                }
            }
            else
            {
                ScaleColumns<TState>(target, first);
            }
        }
    }

    private float ContiguousSum<TState>(Target target, long first)
        where TState : struct, IStateElements
    {
        float total = 0f;
        fixed (float* squares = _squares)
        {
            for (long start = 0; start < target.Length; start += PairwiseSum.BlockLength)
            {
                int count = (int)Math.Min(PairwiseSum.BlockLength, target.Length - start);
                for (int i = 0; i < count; i++)
                {
                    float x = Load<TState>(target.Weights, first + start + i);
                    squares[i] = Round<TState>(x * x);
                }

                total = Round<TState>(total + PairwiseSum.Block(squares, count));
            }
        }

        return total;
    }

    // Row by row, as the memory lies; each column still adds its own elements in order.
    private static void ScaleColumns<TState>(Target target, long first)
        where TState : struct, IStateElements
    {
        float[] columns = target.Columns;
        Array.Clear(columns);
        for (long row = 0; row < target.Length; row++)
        {
            for (int column = 0; column < columns.Length; column++)
            {
                float x = Load<TState>(target.Weights, first + row * target.Behind + column);
                columns[column] = Round<TState>(columns[column] + Round<TState>(x * x));
            }
        }

        for (int column = 0; column < columns.Length; column++)
        {
            columns[column] = Factor<TState>(target, columns[column]);
        }

        for (long row = 0; row < target.Length; row++)
        {
            for (int column = 0; column < columns.Length; column++)
            {
                Scale<TState>(target, first + row * target.Behind + column, columns[column]);
            }
        }
    }

    private static float Factor<TState>(Target target, float squares)
        where TState : struct, IStateElements
    {
        float norm = Round<TState>(MathF.Sqrt(squares));
        float desired = ScalarLanes.Minimum(ScalarLanes.Maximum(norm, 0f), target.MaxValue);
        return Round<TState>(desired / Round<TState>(target.Epsilon + norm));
    }

    private static void Scale<TState>(Target target, long index, float factor)
        where TState : struct, IStateElements
    {
        float x = Round<TState>(Load<TState>(target.Weights, index) * factor);
        TState.Store<ScalarLanes, float, ScalarSums>(x, target.Weights, index);
    }

    /// <summary>A variable as a norm sees it: lines of <c>length</c> elements, <c>behind</c> apart.</summary>
    private sealed class Target(TensorDType dtype, long before, long slabsPerRow, long length, long behind, float maxValue, float epsilon)
    {
        /// <summary>Where its weights are: set for each pass, because they may have moved.</summary>
        public byte* Weights { get; set; }

        public TensorDType DType { get; } = dtype;

        public long Before { get; } = before;

        /// <summary>How many of these are in a row; 0 if the axis is that of the rows.</summary>
        public long SlabsPerRow { get; } = slabsPerRow;

        public long Length { get; } = length;

        public long Behind { get; } = behind;

        public float MaxValue { get; } = maxValue;

        public float Epsilon { get; } = epsilon;

        /// <summary>A number for each of the lines that lie side by side; none where each lies by itself.</summary>
        public float[] Columns { get; } = behind == 1 ? [] : new float[behind];
    }
}
