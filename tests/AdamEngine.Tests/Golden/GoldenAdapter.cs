using Adam.Golden;

namespace Adam.Engine.Tests.Golden;

/// <summary>Turns what the golden files hold into the engine's types.</summary>
internal static class GoldenAdapter
{
    public static AdamOptimizer Build(GoldenCase run)
    {
        var optimizer = new AdamOptimizer(Options(run.Config), Variables(run));
        for (int i = 0; i < run.Variables.Count; i++)
        {
            run.Variables[i].Initial.CopyTo(optimizer.Slot(i, AdamSlot.Weights));
        }

        if (run.LoadState is { } state)
        {
            Load(optimizer, state);
        }

        if (run.InitialIterations is { } iterations)
        {
            optimizer.SetIterations(iterations);
        }

        return optimizer;
    }

    public static List<Gradient> Gradients(GoldenStep step) =>
    [
        .. step.VariableIndices
            .Zip(step.Gradients)
            .Where(pair => pair.Second is not null)
            .Select(pair => new Gradient(pair.First, (float[])pair.Second!.Clone())),
    ];

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

    private static List<VariableSpec> Variables(GoldenCase run)
    {
        List<VariableSpec> variables = [.. run.Variables.Select(variable => new VariableSpec(variable.Path, [.. variable.Shape]))];
        HashSet<int> excluded = [.. run.ExcludedIndices, .. WeightDecayExclusion.Resolve(run.ExcludedNames, variables)];
        return [.. variables.Select((variable, index) => variable with { ExcludedFromWeightDecay = excluded.Contains(index) })];
    }

    /// <summary>Keras's order: learning rate if it is a number, averages, accumulators, m and v interleaved, vhat.</summary>
    private static void Load(AdamOptimizer optimizer, GoldenState state)
    {
        var arrays = new Queue<float[]>(state.Arrays);
        optimizer.SetIterations(state.Iterations);
        if (optimizer.Options.LearningRate is ConstantLearningRate)
        {
            optimizer.SetLearningRate(LearningRate.Constant(arrays.Dequeue()[0]));
        }

        AdamSlot[][] groups =
        [
            [AdamSlot.Average],
            [AdamSlot.Accumulator],
            [AdamSlot.FirstMoment, AdamSlot.SecondMoment],
            [AdamSlot.MaxSecondMoment],
        ];
        foreach (AdamSlot[] group in groups.Where(group => optimizer.HasSlot(group[0])))
        {
            for (int index = 0; index < optimizer.Variables.Length; index++)
            {
                foreach (AdamSlot slot in group)
                {
                    arrays.Dequeue().CopyTo(optimizer.Slot(index, slot));
                }
            }
        }

        Assert.Empty(arrays);
    }
}
