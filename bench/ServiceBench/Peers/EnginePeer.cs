using Adam.Engine;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The engine in the trainer's own process, with as many threads as there are processors.</summary>
internal sealed class EnginePeer : IPeer
{
    private readonly StepThreads _threads = new(Environment.ProcessorCount);
    private readonly AdamOptimizer _optimizer;
    private readonly List<TensorBuffer> _memory = [];
    private readonly Gradient[] _gradients;
    private readonly EmbeddingRows? _rows;

    /// <summary>Makes an optimizer and its gradients.</summary>
    /// <param name="name">What it is called in tables.</param>
    /// <param name="workload">The model.</param>
    /// <param name="policy">What happens to gradients that are not finite.</param>
    /// <param name="rows">The rows of the first tensor that there are values for; the others stay as they are. Null: it has a dense gradient.</param>
    public EnginePeer(string name, Workload workload, NonFinitePolicy policy = NonFinitePolicy.Propagate, EmbeddingRows? rows = null)
    {
        (Name, _rows) = (name, rows);
        _optimizer = new AdamOptimizer(
            OptimizerOptions.Of(new AdamOptions()) with { NonFinitePolicy = policy },
            [
                .. workload.Shapes.Select((shape, index) =>
                    new VariableSpec($"t{index}", shape) { RowUpdates = index == 0 && rows is not null ? RowUpdates.Lazy : RowUpdates.Dense }),
            ],
            _threads);
        _gradients = [.. workload.Lengths.Select((length, index) => GradientOf(index, length))];
    }

    public string Name { get; }

    public Task StepAsync()
    {
        _optimizer.Apply(_gradients);
        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _optimizer.Dispose();
        _memory.ForEach(buffer => buffer.Dispose());
        _threads.Dispose();
        return ValueTask.CompletedTask;
    }

    private Gradient GradientOf(int index, long length) => index == 0 && _rows is not null
        ? new Gradient(index, Filled(_rows.Length).View) { Rows = _rows.View }
        : new Gradient(index, Filled(length).View);

    private TensorBuffer Filled(long length)
    {
        var buffer = new TensorBuffer(TensorDType.Float32, length);
        for (long start = 0; start < length; start += 1 << 20)
        {
            buffer.View.Span<float>(start, (int)Math.Min(1 << 20, length - start)).Fill(0.01f);
        }

        _memory.Add(buffer);
        return buffer;
    }
}
