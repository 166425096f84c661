using Adam.Engine;
using Adam.Samples.DigitsTraining.Model;

namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Takes the steps with the engine in this process, to compare the service with.</summary>
internal sealed class InProcessUpdater : IWeightUpdater
{
    private readonly AdamOptimizer _optimizer;
    private readonly Mlp _network;
    private readonly Gradient[] _gradients;

    public InProcessUpdater(Mlp network, double learningRate)
    {
        _network = network;
        _optimizer = new AdamOptimizer(
            new AdamOptions { LearningRate = LearningRate.Constant(learningRate) },
            [.. network.Parameters.Select(parameter => new VariableSpec(parameter.Name, parameter.Shape))]);
        _gradients = [.. network.Gradients.Select((gradient, index) => new Gradient(index, gradient))];
        for (var i = 0; i < network.Weights.Length; i++)
        {
            network.Weights[i].CopyTo(_optimizer.Slot(i, AdamSlot.Weights));
        }
    }

    public string Description => "the engine in this process";

    public Task UpdateAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _optimizer.Apply(_gradients);
        for (var i = 0; i < _network.Weights.Length; i++)
        {
            _optimizer.Slot(i, AdamSlot.Weights).CopyTo(_network.Weights[i]);
        }

        return Task.CompletedTask;
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
