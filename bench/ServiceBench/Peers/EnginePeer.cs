using Adam.Engine;

namespace Adam.Bench.ServiceBench.Peers;

/// <summary>The engine in the trainer's own process, with as many threads as there are processors.</summary>
internal sealed class EnginePeer : IPeer
{
    private readonly StepThreads _threads = new(Environment.ProcessorCount);
    private readonly AdamOptimizer _optimizer;
    private readonly List<TensorBuffer> _memory = [];
    private readonly Gradient[] _gradients;

    public EnginePeer(Workload workload, NonFinitePolicy policy = NonFinitePolicy.Propagate)
    {
        Name = policy == NonFinitePolicy.Propagate ? "the engine, in process" : $"the engine, in process, {policy}";
        _optimizer = new AdamOptimizer(
            OptimizerOptions.Of(new AdamOptions()) with { NonFinitePolicy = policy },
            [.. workload.Lengths.Select((length, index) => new VariableSpec($"t{index}", [length]))],
            _threads);
        _gradients = [.. workload.Lengths.Select((length, index) => new Gradient(index, Filled(length).View))];
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
