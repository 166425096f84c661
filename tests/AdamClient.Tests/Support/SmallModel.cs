using Adam.Engine;

namespace Adam.Client.Tests.Support;

/// <summary>A model of a matrix, a scalar and an empty tensor, with values that do not round away.</summary>
internal sealed class SmallModel
{
    public static readonly IReadOnlyList<TensorSpec> Tensors =
    [
        new("dense/kernel", [3, 5]),
        new("scale", []),
        new("nothing", [0, 4]),
    ];

    /// <summary>Weights by tensor.</summary>
    public static float[][] Weights() => Values(seed: 11);

    /// <summary>Gradients by tensor, other ones for each step.</summary>
    public static float[][] Gradients(int step) => Values(seed: 100 + step);

    /// <summary>Buffers for a reply.</summary>
    public static float[][] Buffers() => [.. Tensors.Select(tensor => new float[tensor.ElementCount])];

    public static SessionSpec Spec(OptimizerSettings? settings = null) => new()
    {
        Optimizer = settings ?? new OptimizerSettings(),
        Tensors = Tensors,
        InitialWeights = ReadOnly(Weights()),
    };

    /// <summary>The engine with the same weights.</summary>
    public static AdamOptimizer Engine(AdamOptions? options = null)
    {
        var engine = new AdamOptimizer(
            options ?? new AdamOptions(),
            [.. Tensors.Select(tensor => new VariableSpec(tensor.Name, tensor.Shape))]);
        var weights = Weights();
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i].CopyTo(engine.Slot(i, AdamSlot.Weights).Span<float>());
        }

        return engine;
    }

    /// <summary>One step of the engine.</summary>
    public static StepReport Apply(AdamOptimizer engine, params (int Tensor, float[] Values)[] gradients)
    {
        List<TensorBuffer> buffers = [.. gradients.Select(gradient => TensorBuffer.Of(gradient.Values))];
        var report = engine.Apply([.. gradients.Select((gradient, position) => new Gradient(gradient.Tensor, buffers[position].View))]);
        buffers.ForEach(buffer => buffer.Dispose());
        return report;
    }

    public static IReadOnlyList<ReadOnlyTensorMemory> ReadOnly(float[][] values) => [.. values];

    public static IReadOnlyList<TensorMemory> Writable(float[][] values) => [.. values];

    private static float[][] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Tensors.Select(tensor =>
            Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => random.NextSingle() * 2 - 1).ToArray())];
    }
}
