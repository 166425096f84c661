using Adam.Engine.Kernels;
using Adam.Engine.Tests.Support;
using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Turns what the golden files hold into the engine's types.</summary>
internal static class GoldenAdapter
{
    public static AdamOptimizer Build(GoldenCase run, KernelWidth width)
    {
        var optimizer = new AdamOptimizer(Options(run), Variables(run), null, width);
        for (int i = 0; i < run.Variables.Count; i++)
        {
            optimizer.Write(i, AdamSlot.Weights, run.Variables[i].Initial);
        }

        if (run.LoadState is { } state)
        {
            Load(optimizer, state);
        }

        if (run.InitialIterations is { } iterations)
        {
            optimizer.Groups[0].SetIterations(iterations);
        }

        return optimizer;
    }

    public static OptimizerOptions Options(GoldenCase run) => new()
    {
        Groups = [Options(run.Config) with { LearningRate = run.LearningRateIsCallable ? LearningRate.Supplied : Options(run.Config).LearningRate }],
        DynamicLossScale = run.LossScale is { } scale ? new DynamicLossScale(scale.InitialScale, scale.GrowthSteps) : null,
    };

    public static IReadOnlyList<(int Variable, float[] Values)> Gradients(GoldenStep step) =>
    [
        .. step.VariableIndices.Zip(step.Gradients).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!)),
    ];

    /// <summary>What a callable gives in a step, where there is one.</summary>
    public static StepOverrides[] Overrides(GoldenCase run, GoldenStep step) =>
        run.LearningRateIsCallable ? [new StepOverrides(LearningRate: step.LearningRateValue)] : [];

    public static TensorDType Type(string dtype) => dtype switch
    {
        "float32" => TensorDType.Float32,
        "float16" => TensorDType.Float16,
        _ => throw new NotSupportedException(dtype),
    };

    public static void AssertSlot(IReadOnlyList<float[]>? expected, AdamOptimizer optimizer, AdamSlot slot, string where)
    {
        Assert.Equal(expected is not null, optimizer.HasSlot(0, slot));
        for (int i = 0; i < (expected?.Count ?? 0); i++)
        {
            Bits.AssertSame(expected![i], optimizer.Floats(i, slot), $"{where}: {slot} of {optimizer.Variables[i].Path}");
        }
    }

    public static LearningRateSchedule Schedule(GoldenSchedule schedule) => schedule.ClassName switch
    {
        "ExponentialDecay" => new ExponentialDecay(
            schedule.Number("initial_learning_rate"),
            schedule.Number("decay_steps"),
            schedule.Number("decay_rate"),
            schedule.Flag("staircase")),
        "InverseTimeDecay" => new InverseTimeDecay(
            schedule.Number("initial_learning_rate"),
            schedule.Number("decay_steps"),
            schedule.Number("decay_rate"),
            schedule.Flag("staircase")),
        "PiecewiseConstantDecay" => new PiecewiseConstantDecay([.. schedule.Numbers("boundaries")], [.. schedule.Numbers("values")]),
        "PolynomialDecay" => new PolynomialDecay(
            schedule.Number("initial_learning_rate"),
            schedule.Number("decay_steps"),
            schedule.OptionalNumber("end_learning_rate") ?? 0.0001,
            schedule.OptionalNumber("power") ?? 1.0,
            schedule.Flag("cycle")),
        "CosineDecay" => new CosineDecay(
            schedule.Number("initial_learning_rate"),
            schedule.Number("decay_steps"),
            schedule.OptionalNumber("alpha") ?? 0.0,
            WarmupTarget: schedule.OptionalNumber("warmup_target"),
            WarmupSteps: schedule.OptionalNumber("warmup_steps") ?? 0),
        "CosineDecayRestarts" => new CosineDecayRestarts(
            schedule.Number("initial_learning_rate"),
            schedule.Number("first_decay_steps"),
            schedule.OptionalNumber("t_mul") ?? 2.0,
            schedule.OptionalNumber("m_mul") ?? 1.0,
            schedule.OptionalNumber("alpha") ?? 0.0),
        _ => throw new NotSupportedException(schedule.ClassName),
    };

    private static AdamOptions Options(GoldenConfig config) => new()
    {
        LearningRate = config.Schedule is { } schedule
            ? LearningRate.Scheduled(Schedule(schedule))
            : LearningRate.Constant(config.LearningRate ?? 0.001),
        Beta1 = config.Beta1,
        Beta2 = config.Beta2,
        Epsilon = config.Epsilon,
        AmsGrad = config.AmsGrad,
        WeightDecay = config.WeightDecay,
        ClipNorm = config.ClipNorm,
        GlobalClipNorm = config.GlobalClipNorm,
        ClipValue = config.ClipValue,
        UseEma = config.UseEma,
        EmaMomentum = config.EmaMomentum,
        EmaOverwriteFrequency = config.EmaOverwriteFrequency,
        LossScaleFactor = config.LossScaleFactor,
        GradientAccumulationSteps = config.GradientAccumulationSteps,
        Name = config.Name,
    };

    public static List<VariableSpec> Variables(GoldenCase run)
    {
        List<VariableSpec> variables = [.. run.Variables.Select(Variable)];
        HashSet<int> excluded = [.. run.ExcludedIndices, .. WeightDecayExclusion.Resolve(run.ExcludedNames, variables)];
        return [.. variables.Select((variable, index) => variable with { ExcludedFromWeightDecay = excluded.Contains(index) })];
    }

    private static VariableSpec Variable(GoldenVariable variable) => new(variable.Path, [.. variable.Shape])
    {
        DType = Type(variable.DType),
        GradientDType = Type(variable.GradientDType),
        Constraint = variable.Constraint switch
        {
            null => null,
            { ClassName: "NonNeg" } => new NonNegConstraint(),
            { ClassName: "MaxNorm" } constraint => new MaxNormConstraint(constraint.MaxValue!.Value, constraint.Axis!.Value),
            var other => throw new NotSupportedException(other.ClassName),
        },
    };

    /// <summary>Keras's order: learning rate if it is a number, averages, accumulators, m and v interleaved, vhat.</summary>
    private static void Load(AdamOptimizer optimizer, GoldenState state)
    {
        var arrays = new Queue<float[]>(state.Arrays);
        optimizer.Groups[0].SetIterations(state.Iterations);
        if (state.LossScale is { } lossScale)
        {
            optimizer.LossScale!.Set(lossScale.Scale, lossScale.StepCounter);
        }

        if (optimizer.Groups[0].Options.LearningRate is ConstantLearningRate)
        {
            optimizer.Groups[0].SetLearningRate(LearningRate.Constant(arrays.Dequeue()[0]));
        }

        AdamSlot[][] groups =
        [
            [AdamSlot.Average],
            [AdamSlot.Accumulator],
            [AdamSlot.FirstMoment, AdamSlot.SecondMoment],
            [AdamSlot.MaxSecondMoment],
        ];
        foreach (AdamSlot[] group in groups.Where(group => optimizer.HasSlot(0, group[0])))
        {
            for (int index = 0; index < optimizer.Variables.Length; index++)
            {
                foreach (AdamSlot slot in group)
                {
                    optimizer.Write(index, slot, arrays.Dequeue());
                }
            }
        }

        Assert.Empty(arrays);
    }
}
