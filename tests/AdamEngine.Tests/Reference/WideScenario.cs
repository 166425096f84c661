using Adam.Engine.Tests.Support;

namespace Adam.Engine.Tests.Reference;

/// <summary>
/// A drawn optimizer with everything that there is: groups, types of variables, gradients and their storage, constraints, frozen
/// variables, loss scale, policies, supplied rates.
/// </summary>
internal sealed class WideScenario
{
    private readonly SeededRandom _random;

    public WideScenario(ulong seed)
    {
        _random = new SeededRandom(seed);
        bool isDynamic = _random.Chance(4);
        double? factor = isDynamic ? null : _random.Pick<double?>(null, null, 64.0, 3.0);
        int? steps = _random.Pick<int?>(null, null, 2, 3);
        Options = new OptimizerOptions
        {
            Groups =
            [
                .. Enumerable.Range(0, 1 + _random.Below(2)).Select(_ => new RandomScenario(_random.NextBits()).Options with
                {
                    LossScaleFactor = factor,
                    GradientAccumulationSteps = steps,
                }),
            ],
            DynamicLossScale = isDynamic ? new DynamicLossScale(_random.Pick(1.0, 8.0, 1024.0), 2) : null,
            NonFinitePolicy = _random.Pick(NonFinitePolicy.Propagate, NonFinitePolicy.Propagate, NonFinitePolicy.Skip),
        };
        if (_random.Chance(4))
        {
            Options = Options with { Groups = [Options.Groups[0] with { LearningRate = LearningRate.Supplied }, .. Options.Groups.Skip(1)] };
        }

        bool allSingle = _random.Chance(3);
        Variables = [.. Enumerable.Range(0, 1 + _random.Below(5)).Select(index => DrawVariable(index, allSingle))];
        Weights = [.. Variables.Select(variable => Finite(variable.ElementCount))];
    }

    public OptimizerOptions Options { get; }

    public VariableSpec[] Variables { get; }

    public float[][] Weights { get; }

    /// <summary>Gradients of a step, with how each is stored; its numbers are exactly what is stored.</summary>
    public IReadOnlyList<(int Variable, TensorDType Stored, float[] Values)> DrawGradients()
    {
        int[] trainable = [.. Enumerable.Range(0, Variables.Length).Where(i => Variables[i].Role == VariableRole.Trainable)];
        bool poisoned = _random.Chance(6);
        return trainable.Length == 0 ? [] : [.. _random.Selection(trainable.Length).Select(position =>
        {
            int variable = trainable[position];
            TensorDType stored = _random.Pick(TensorDType.Float32, TensorDType.Float32, TensorDType.Float16, TensorDType.BFloat16);
            float[] values = Finite(Variables[variable].ElementCount);
            if (poisoned && values.Length > 0 && _random.Chance(2))
            {
                values[_random.Below(values.Length)] = _random.Pick(float.NaN, float.PositiveInfinity, 1e30f);
            }

            return (variable, stored, values.Select(value => Stored(stored, value)).ToArray());
        })];
    }

    /// <summary>Rates for a step, one for each group; null where the group has its own.</summary>
    public StepOverrides[] DrawOverrides() =>
        [.. Options.Groups.Select(group => group.LearningRate is SuppliedLearningRate ? new StepOverrides(_random.Pick(0.1, 0.003)) : default)];

    private static float Stored(TensorDType stored, float value) => stored switch
    {
        TensorDType.Float16 => (float)(Half)value,
        TensorDType.BFloat16 => BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & 0xFFFF0000u),
        _ => value,
    };

    private float[] Finite(long length) => [.. _random.Finite((int)length).Select(value => Math.Abs(value) > 1e3f && !_random.Chance(3) ? 0.5f : value)];

    private VariableSpec DrawVariable(int index, bool allSingle)
    {
        long[] shape = _random.Below(12) switch
        {
            0 => [0, 3],
            1 => [],
            2 => [8192 + _random.Below(300)],
            < 6 => [1 + _random.Below(6), 1 + _random.Below(9)],
            6 => [1 + _random.Below(3), 1 + _random.Below(20), 1 + _random.Below(3)],
            _ => [1 + _random.Below(200)],
        };
        VariableConstraint? constraint = _random.Below(6) switch
        {
            0 => new NonNegConstraint(),
            1 when shape.Length > 0 => new MaxNormConstraint(_random.Pick(1.0, 0.3), _random.Below(2 * shape.Length) - shape.Length),
            _ => null,
        };
        bool frozen = _random.Chance(8);
        return new VariableSpec($"layer{index}/kernel", [.. shape])
        {
            DType = allSingle ? TensorDType.Float32 : _random.Pick(TensorDType.Float32, TensorDType.Float16),
            GradientDType = allSingle ? null : _random.Pick<TensorDType?>(null, TensorDType.Float32, TensorDType.Float16),
            Group = _random.Below(Options.Groups.Length),
            Role = frozen ? VariableRole.Frozen : VariableRole.Trainable,
            Constraint = frozen ? null : constraint,
            ExcludedFromWeightDecay = _random.Chance(4),
        };
    }
}
