using Adam.Engine;
using Adam.Samples.DigitsTraining.Model;

namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Takes the steps with the engine in this process, to compare the service with.</summary>
internal sealed class InProcessUpdater : IWeightUpdater
{
    private readonly AdamOptimizer _optimizer;
    private readonly Mlp _network;
    private readonly TensorBuffer[] _buffers;
    private readonly Gradient[] _gradients;

    public InProcessUpdater(Mlp network, double learningRate)
    {
        _network = network;
        _optimizer = new AdamOptimizer(
            new AdamOptions { LearningRate = LearningRate.Constant(learningRate) },
            [.. network.Parameters.Select(parameter => new VariableSpec(parameter.Name, parameter.Shape))]);

        // The engine reads gradients from native memory.
        _buffers = [.. network.Gradients.Select(gradient => new TensorBuffer(TensorDType.Float32, gradient.Length))];
        _gradients = [.. _buffers.Select((buffer, index) => new Gradient(index, buffer.View))];
        for (var i = 0; i < network.Weights.Length; i++)
        {
            network.Weights[i].CopyTo(_optimizer.Slot(i, AdamSlot.Weights).Span<float>());
        }
    }

    public string Description => "the engine in this process";

    public Task UpdateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        for (var i = 0; i < _buffers.Length; i++)
        {
            _network.Gradients[i].CopyTo(_buffers[i].View.Span<float>());
        }

        _optimizer.Apply(_gradients);
        for (var i = 0; i < _network.Weights.Length; i++)
        {
            _optimizer.Slot(i, AdamSlot.Weights).Span<float>().CopyTo(_network.Weights[i]);
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync()
    {
        _optimizer.Dispose();
        Array.ForEach(_buffers, buffer => buffer.Dispose());
        return ValueTask.CompletedTask;
    }
}
