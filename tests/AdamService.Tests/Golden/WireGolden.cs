using Adam.Golden;
using Adam.Service.Tests.Support;
using Adam.V1;

namespace Adam.Service.Tests.Golden;

/// <summary>Turns what the golden files hold into messages of the contract.</summary>
internal static class WireGolden
{
    /// <summary>The request that makes the session of a run, with the initial weights inline.</summary>
    public static CreateSessionRequest ToRequest(GoldenCase run, string sessionId) => new()
    {
        SessionId = sessionId,
        Optimizer = ToOptimizer(run),
        Tensors =
        {
            run.Variables.Select((variable, index) => new TensorSpec
            {
                Name = variable.Path,
                Shape = { variable.Shape },
                Dtype = Type(variable.DType),
                GradientDtype = Type(variable.GradientDType),
                Constraint = ToConstraint(variable.Constraint),
                ExcludeFromWeightDecay = run.ExcludedIndices.Contains(index),
            }),
        },
        InitialValues = { run.Variables.Select((variable, index) => Requests.Data(index, variable.Initial, Type(variable.DType))) },
    };

    /// <summary>A dtype by Keras's name.</summary>
    public static DType Type(string dtype) => dtype switch
    {
        "float32" => DType.Float32,
        "float16" => DType.Float16,
        _ => throw new NotSupportedException(dtype),
    };

    /// <summary>The slots that the configuration has, with what a step expects of them.</summary>
    public static IReadOnlyList<(Slot Slot, IReadOnlyList<float[]> Values)> Slots(GoldenExpectation expected) =>
    [
        .. new (Slot Slot, IReadOnlyList<float[]>? Values)[]
        {
            (Slot.Weights, expected.Variables),
            (Slot.FirstMoment, expected.FirstMoment),
            (Slot.SecondMoment, expected.SecondMoment),
            (Slot.MaxSecondMoment, expected.MaxSecondMoment),
            (Slot.Average, expected.Average),
            (Slot.Accumulator, expected.Accumulator),
        }.Where(slot => slot.Values is not null).Select(slot => (slot.Slot, slot.Values!)),
    ];

    /// <summary>The gradients that are there, in the order of the call.</summary>
    public static IReadOnlyList<(int Tensor, float[] Values)> Gradients(GoldenStep step) =>
    [
        .. step.VariableIndices.Zip(step.Gradients).Where(pair => pair.Second is not null).Select(pair => (pair.First, pair.Second!)),
    ];

    /// <summary>
    /// A saved state as chunks. Keras's order: the learning rate if it is a number, averages, accumulators, m and v interleaved,
    /// vhat.
    /// </summary>
    public static (double? Rate, TensorChunk[] Chunks) ToChunks(GoldenCase run, GoldenState state)
    {
        var arrays = new Queue<float[]>(state.Arrays);
        double? rate = run.Config.Schedule is null && !run.LearningRateIsCallable ? arrays.Dequeue()[0] : null;
        (Slot[] Slots, bool There)[] groups =
        [
            ([Slot.Average], run.Config.UseEma),
            ([Slot.Accumulator], run.Config.GradientAccumulationSteps is > 0),
            ([Slot.FirstMoment, Slot.SecondMoment], true),
            ([Slot.MaxSecondMoment], run.Config.AmsGrad),
        ];
        var chunks = new List<TensorChunk>();
        foreach (var (slots, _) in groups.Where(group => group.There))
        {
            for (var tensor = 0; tensor < run.Variables.Count; tensor++)
            {
                foreach (var slot in slots)
                {
                    var chunk = Requests.Chunk(tensor, 0, arrays.Dequeue(), Type(run.Variables[tensor].DType));
                    chunk.Slot = slot;
                    chunks.Add(chunk);
                }
            }
        }

        Assert.Empty(arrays);
        return (rate, [.. chunks]);
    }

    private static OptimizerConfig ToOptimizer(GoldenCase run)
    {
        var config = run.Config;
        var group = new AdamConfig
        {
            LearningRate = run.LearningRateIsCallable
                ? new LearningRate { Supplied = new SuppliedLearningRate() }
                : config.Schedule is { } schedule
                ? new LearningRate { Schedule = WireSchedule.Of(schedule) }
                : new LearningRate { Value = config.LearningRate ?? 0.001 },
            Beta1 = config.Beta1,
            Beta2 = config.Beta2,
            Epsilon = config.Epsilon,
            Amsgrad = config.AmsGrad,
            UseEma = config.UseEma,
            EmaMomentum = config.EmaMomentum,
            ExcludeFromWeightDecay = { run.ExcludedNames },
        };
        Set(config.WeightDecay, value => group.WeightDecay = value);
        Set(config.ClipNorm, value => group.Clipnorm = value);
        Set(config.GlobalClipNorm, value => group.GlobalClipnorm = value);
        Set(config.ClipValue, value => group.Clipvalue = value);
        Set(config.EmaOverwriteFrequency, value => group.EmaOverwriteFrequency = value);

        var optimizer = new OptimizerConfig { Groups = { group } };
        Set(config.GradientAccumulationSteps, value => optimizer.GradientAccumulationSteps = value);
        Set(config.LossScaleFactor, value => optimizer.LossScale = new LossScale { StaticFactor = value });
        if (run.LossScale is { } scale)
        {
            optimizer.LossScale = new LossScale
            {
                Dynamic = new DynamicLossScale { InitialScale = scale.InitialScale, DynamicGrowthSteps = scale.GrowthSteps },
            };
        }

        return optimizer;
    }

    private static Constraint? ToConstraint(GoldenConstraint? constraint) => constraint switch
    {
        null => null,
        { ClassName: "NonNeg" } => new Constraint { NonNeg = new NonNegConstraint() },
        _ => new Constraint { MaxNorm = new MaxNormConstraint { MaxValue = constraint.MaxValue!.Value, Axis = constraint.Axis!.Value } },
    };

    private static void Set<T>(T? value, Action<T> set)
        where T : struct
    {
        if (value is { } there)
        {
            set(there);
        }
    }
}
