namespace Adam.Client.Tests.Support;

/// <summary>A model of several chunks (of 4 KiB), and training runs of it.</summary>
internal static class InterruptedModel
{
    public const int ChunkBytes = 4096;

    public static readonly IReadOnlyList<TensorSpec> Tensors = [new("dense/kernel", [60, 50]), new("dense/bias", [50])];

    /// <summary>About how many bytes of gradients or weights a batch has.</summary>
    public static int Bytes => (int)Tensors.Sum(tensor => tensor.ElementCount) * sizeof(float);

    public static SessionSpec Spec() => new()
    {
        Optimizer = new AdamSettings { AmsGrad = true, ClipNorm = 1.0 },
        Tensors = Tensors,
        InitialWeights = SmallModel.ReadOnly(Values(1)),
    };

    public static float[][] Gradients(int step) => Values(1000 + step);

    public static float[][] Buffers() => [.. Tensors.Select(tensor => new float[tensor.ElementCount])];

    /// <summary>Trains.</summary>
    /// <param name="session">The session.</param>
    /// <param name="steps">How many steps.</param>
    /// <param name="overlap">How many may be under way at a time.</param>
    /// <param name="options">What is said of each.</param>
    /// <param name="before">Runs before each step.</param>
    /// <returns>The results, and the weights after the last reply.</returns>
    public static async Task<(List<StepResult> Results, float[][] Weights)> TrainAsync(
        OptimizerSession session, int steps, int overlap = 1, StepOptions? options = null, Action<int>? before = null)
    {
        var results = new List<StepResult>();
        var running = new Queue<Task<StepResult>>();
        var weights = Buffers();
        for (var step = 1; step <= steps; step++)
        {
            before?.Invoke(step);
            weights = Buffers();
            var cursor = new StepOptions { ClientCursor = BitConverter.GetBytes(step) };
            running.Enqueue(session.StepAsync(
                SmallModel.ReadOnly(Gradients(step)), SmallModel.Writable(weights), options is null ? cursor : options with { ClientCursor = cursor.ClientCursor }));
            while (running.Count >= overlap)
            {
                results.Add(await running.Dequeue());
            }
        }

        while (running.TryDequeue(out var last))
        {
            results.Add(await last);
        }

        return (results, weights);
    }

    /// <summary>All slots of a session, as bits.</summary>
    public static async Task<IReadOnlyList<int[]>> SlotsAsync(AdamClient client, SessionRef session)
    {
        TensorSlot[] slots = [TensorSlot.Weights, TensorSlot.FirstMoment, TensorSlot.SecondMoment, TensorSlot.MaxSecondMoment];
        var read = await client.ReadTensorsAsync(session, new ReadOptions { Slots = slots });
        return [.. slots.SelectMany(slot => Enumerable.Range(0, Tensors.Count).Select(tensor => Bits.Of(read[tensor, slot])))];
    }

    private static float[][] Values(int seed)
    {
        var random = new Random(seed);
        return [.. Tensors.Select(tensor => Enumerable.Range(0, (int)tensor.ElementCount).Select(_ => (random.NextSingle() * 2) - 1).ToArray())];
    }
}
