using Adam.Engine;

namespace Adam.Client.Tests.Support;

/// <summary>A model with two groups, both element types, every role and a constraint, and the same for the engine.</summary>
internal sealed class MixedModel
{
    public const int Kernel = 0;
    public const int Half16 = 1;
    public const int Frozen = 2;
    public const int Buffer = 3;
    public const int Bias = 4;

    public static readonly IReadOnlyList<TensorSpec> Tensors =
    [
        new("dense/kernel", [4, 5]) { Aliases = ["tied/kernel"] },
        new("half/kernel", [19]) { DType = TensorDType.Float16, Group = 1 },
        new("frozen", [3]) { Role = TensorRole.Frozen },
        new("seen", [2]) { Role = TensorRole.Buffer },
        new("dense/bias", [5]) { Group = 1, Constraint = new NonNegConstraint(), ExcludeFromWeightDecay = true },
    ];

    /// <summary>First weights by tensor, in its type.</summary>
    public static Array[] Weights() => Values(seed: 3, Tensors.Count);

    /// <summary>Gradients of the trainable tensors, in their types.</summary>
    public static Array[] Gradients(int step) => [.. Trainable(Values(100 + step, Tensors.Count))];

    public static ReadOnlyTensorMemory Sent(Array elements) => elements is Half[] halves ? halves : (float[])elements;

    public static TensorMemory Room(Array elements) => elements is Half[] halves ? halves : (float[])elements;

    public static SessionSpec Spec(OptimizerSettings settings) => new()
    {
        Optimizer = settings,
        Tensors = Tensors,
        InitialWeights = [.. Weights().Select(Sent)],
    };

    public static AdamOptimizer Engine(OptimizerOptions options)
    {
        var engine = new AdamOptimizer(options,
        [
            new VariableSpec("dense/kernel", [4, 5]),
            new VariableSpec("half/kernel", [19]) { DType = Adam.Engine.TensorDType.Float16, Group = 1 },
            new VariableSpec("frozen", [3]) { Role = VariableRole.Frozen },
            new VariableSpec("seen", [2]) { Role = VariableRole.Buffer },
            new VariableSpec("dense/bias", [5]) { Group = 1, Constraint = new Adam.Engine.NonNegConstraint(), ExcludedFromWeightDecay = true },
        ]);
        var weights = Weights();
        for (var index = 0; index < weights.Length; index++)
        {
            Copy(weights[index], engine.Slot(index, AdamSlot.Weights));
        }

        return engine;
    }

    /// <summary>One step of the engine with gradients of the trainable tensors.</summary>
    public static StepReport Apply(AdamOptimizer engine, Array[] gradients, params StepOverridesOfGroups[] overrides)
    {
        int[] trainable = [Kernel, Half16, Bias];
        List<TensorBuffer> buffers =
            [.. gradients.Select(gradient => gradient is Half[] halves ? TensorBuffer.Of(halves) : TensorBuffer.Of((float[])gradient))];
        var report = engine.Apply(
            [.. buffers.Select((buffer, position) => new Gradient(trainable[position], buffer.View))],
            [.. overrides.Select(own => new Adam.Engine.StepOverrides(own.LearningRate, own.Beta1, own.Beta2))]);
        buffers.ForEach(buffer => buffer.Dispose());
        return report;
    }

    /// <summary>Asserts that what came back has the engine's bits.</summary>
    public static void AssertEqual(AdamOptimizer expected, AdamSlot slot, int index, Array actual)
    {
        var view = expected.Slot(index, slot);
        if (actual is Half[] halves)
        {
            Assert.Equal(
                view.Span<Half>().ToArray().Select(BitConverter.HalfToUInt16Bits), halves.Select(BitConverter.HalfToUInt16Bits));
        }
        else
        {
            Assert.Equal(Bits.Of(view.Span<float>()), Bits.Of((float[])actual));
        }

        GC.KeepAlive(expected);
    }

    private static IEnumerable<Array> Trainable(Array[] values) => values.Where((_, index) => Tensors[index].Role == TensorRole.Trainable);

    private static void Copy(Array elements, TensorView destination)
    {
        if (elements is Half[] halves)
        {
            halves.CopyTo(destination.Span<Half>());
        }
        else
        {
            ((float[])elements).CopyTo(destination.Span<float>());
        }
    }

    private static Array[] Values(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Tensors.Take(count).Select(Array (tensor) =>
        {
            var floats = Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => random.NextSingle() * 2 - 1).ToArray();
            return tensor.DType == TensorDType.Float16 ? Array.ConvertAll(floats, value => (Half)value) : floats;
        })];
    }

    /// <summary>What a step overrides in one group.</summary>
    internal readonly record struct StepOverridesOfGroups(double? LearningRate = null, double? Beta1 = null, double? Beta2 = null);
}
