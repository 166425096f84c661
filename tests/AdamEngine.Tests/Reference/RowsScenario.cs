using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// A drawn optimizer with lazy rows and lists of rows for it. Variables that are updated as a whole have all of their rows in every list, so that
/// they too are rows that count for themselves.
/// </summary>
internal sealed class RowsScenario
{
    private readonly SeededRandom _random;

    public RowsScenario(ulong seed)
    {
        _random = new SeededRandom(seed ^ 0x0A0B5);
        bool isDynamic = _random.Chance(4);
        Options = new OptimizerOptions
        {
            Groups =
            [
                new RandomScenario(_random.NextBits()).Options with
                {
                    LossScaleFactor = isDynamic ? null : _random.Pick<double?>(null, null, 64.0, 3.0),
                    GradientAccumulationSteps = null,
                },
            ],
            DynamicLossScale = isDynamic ? new DynamicLossScale(_random.Pick(1.0, 8.0, 1024.0), 2) : null,
            NonFinitePolicy = _random.Pick(NonFinitePolicy.Propagate, NonFinitePolicy.Propagate, NonFinitePolicy.Skip),
        };
        bool isSingle = _random.Chance(3);
        Variables = [.. Enumerable.Range(0, 1 + _random.Below(3)).Select(index => DrawVariable(index, isSingle))];
        Weights = [.. Variables.Select(variable => Values(variable.ElementCount, TensorDType.Float32))];
    }

    public OptimizerOptions Options { get; }

    public VariableSpec[] Variables { get; }

    public float[][] Weights { get; }

    /// <summary>Lists of rows of a step, with how their values are stored; the numbers are exactly what is stored.</summary>
    public IReadOnlyList<(int Variable, TensorDType Stored, long[] Ids, float[] Values)> DrawGradients()
    {
        bool poisoned = _random.Chance(6);
        HashSet<int> listed = [.. _random.Selection(Variables.Length)];
        return
        [
            .. Enumerable.Range(0, Variables.Length).Where(i => listed.Contains(i) || Variables[i].RowUpdates == RowUpdates.Dense).Select(i =>
            {
                long[] ids = DrawIds(Variables[i]);
                TensorDType stored = _random.Pick(TensorDType.Float32, TensorDType.Float32, TensorDType.Float16, TensorDType.BFloat16);
                float[] values = Values(ids.Length * Variables[i].RowLength, stored);
                if (poisoned && _random.Chance(2))
                {
                    values[_random.Below(values.Length)] = _random.Pick(float.NaN, float.PositiveInfinity);
                }

                return (i, stored, ids, values);
            }),
        ];
    }

    private long[] DrawIds(VariableSpec variable)
    {
        int rows = (int)variable.RowCount;
        long[] some = [.. Enumerable.Range(0, 1 + _random.Below(Math.Min(2 * rows, 40))).Select(_ => (long)_random.Below(rows))];
        if (variable.RowUpdates == RowUpdates.Dense)
        {
            some = [.. Shuffled(rows), .. some];
        }

        return rows > 100 && _random.Chance(2) ? [.. some, .. Shuffled(rows)] : some;
    }

    private long[] Shuffled(int rows) => [.. Enumerable.Range(0, rows).OrderBy(_ => _random.NextBits()).Select(row => (long)row)];

    private float[] Values(long length, TensorDType stored) =>
    [
        .. _random.Finite((int)length)
            .Select(value => Math.Abs(value) > 1e3f && !_random.Chance(20) ? 0.5f : value)
            .Select(value => stored switch
            {
                TensorDType.Float16 => (float)(Half)value,
                TensorDType.BFloat16 => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000u),
                _ => value,
            }),
    ];

    private VariableSpec DrawVariable(int index, bool isSingle)
    {
        long[] shape = _random.Below(12) switch
        {
            0 => [1 + _random.Below(30)],
            1 => [2, 8192 + _random.Below(300)],
            2 => [700 + _random.Below(200), 16 + _random.Below(30)],
            3 => [1 + _random.Below(9), 1 + _random.Below(4), 1 + _random.Below(9)],
            _ => [1 + _random.Below(20), 1 + _random.Below(40)],
        };
        VariableConstraint? constraint = _random.Below(5) switch
        {
            0 => new NonNegConstraint(),
            1 when shape.Length > 1 => new MaxNormConstraint(_random.Pick(1.0, 0.3), 1 + _random.Below(shape.Length - 1) - (_random.Chance(2) ? shape.Length : 0)),
            _ => null,
        };
        return new VariableSpec($"embedding{index}/embeddings", [.. shape])
        {
            DType = isSingle ? TensorDType.Float32 : _random.Pick(TensorDType.Float32, TensorDType.Float16),
            GradientDType = isSingle ? null : _random.Pick<TensorDType?>(null, TensorDType.Float32, TensorDType.Float16),
            RowUpdates = _random.Chance(4) ? RowUpdates.Dense : RowUpdates.Lazy,
            Constraint = constraint,
            ExcludedFromWeightDecay = _random.Chance(4),
        };
    }
}
