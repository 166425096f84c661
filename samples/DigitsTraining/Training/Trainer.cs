using Adam.Samples.DigitsTraining.Digits;
using Adam.Samples.DigitsTraining.Model;

namespace Adam.Samples.DigitsTraining.Training;

/// <summary>Trains a network: forward and backward here, the update wherever the updater takes it.</summary>
internal sealed class Trainer(DigitsDataset digits, TrainingPlan plan, ITrainingProgress progress)
{
    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>A network with the first weights of the plan.</summary>
    public Mlp CreateNetwork() => new(new Random(plan.Seed), plan.BatchSize);

    /// <summary>Trains for all epochs of the plan.</summary>
    public async Task<TrainingReport> RunAsync(Mlp network, IWeightUpdater updater, CancellationToken cancellationToken)
    {
        // A generator of its own for the order, so that it does not depend on how many weights there are.
        var random = new Random(unchecked(plan.Seed + 1));
        var order = Enumerable.Range(0, digits.Train.Count).ToArray();
        var stepsPerEpoch = (order.Length + plan.BatchSize - 1) / plan.BatchSize;
        var (stepTime, updateTime) = (TimeSpan.Zero, TimeSpan.Zero);
        EpochReport? last = null;
        for (var epoch = 1; epoch <= plan.Epochs; epoch++)
        {
            random.Shuffle(order);
            var lossSum = 0.0;
            var epochStart = _time.GetTimestamp();
            for (var step = 1; step <= stepsPerEpoch; step++)
            {
                var first = (step - 1) * plan.BatchSize;
                lossSum += network.Backpropagate(digits.Train, order.AsSpan(first, Math.Min(plan.BatchSize, order.Length - first)));
                var updateStart = _time.GetTimestamp();
                await updater.UpdateAsync(cancellationToken);
                updateTime += _time.GetElapsedTime(updateStart);
                progress.StepTaken(epoch, step, stepsPerEpoch);
            }

            var epochTime = _time.GetElapsedTime(epochStart);
            stepTime += epochTime;
            last = new EpochReport(
                epoch,
                lossSum / order.Length,
                network.Accuracy(digits.Train),
                network.Accuracy(digits.Test),
                stepsPerEpoch / epochTime.TotalSeconds);
            progress.EpochDone(last);
        }

        return new TrainingReport(
            stepsPerEpoch * plan.Epochs,
            last ?? throw new InvalidOperationException("A plan has at least one epoch."),
            stepTime,
            updateTime);
    }
}
