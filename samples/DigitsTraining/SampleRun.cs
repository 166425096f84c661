using Adam.Client;
using Adam.Samples.DigitsTraining.CommandLine;
using Adam.Samples.DigitsTraining.Digits;
using Adam.Samples.DigitsTraining.Model;
using Adam.Samples.DigitsTraining.Service;
using Adam.Samples.DigitsTraining.Training;

namespace Adam.Samples.DigitsTraining;

/// <summary>One run of the sample: train, compare, judge.</summary>
internal sealed class SampleRun(SampleOptions options, TextWriter output, bool isTerminal)
{
    private readonly DigitsDataset _digits = DigitsDataset.Load();

    /// <returns>0 if everything went well, 1 otherwise.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        var plan = options.Plan;
        Say($"{_digits.Train.Count} images to learn from, {_digits.Test.Count} to test with; {plan.Epochs} epochs, batches of "
            + $"{plan.BatchSize}, learning rate {plan.LearningRate}, seed {plan.Seed}");
        var trainer = new Trainer(_digits, plan, new ConsoleProgress(output, isTerminal, plan.Epochs));
        var network = trainer.CreateNetwork();
        var report = options.InProcess
            ? await TrainHereAsync(trainer, network, cancellationToken)
            : await TrainRemotelyAsync(trainer, network, cancellationToken);
        Say($"{report.Steps} steps at {report.StepsPerSecond:0} steps/s, of which {report.MillisecondsPerUpdate:0.000} ms a step are the "
            + $"update; test accuracy {report.Last.TestAccuracy * 100:0.00} %");
        var isSame = options.InProcess || !options.Verify || await VerifyAsync(network, cancellationToken);
        return isSame && IsGoodEnough(report) ? 0 : 1;
    }

    private async Task<TrainingReport> TrainHereAsync(Trainer trainer, Mlp network, CancellationToken cancellationToken)
    {
        await using var updater = new InProcessUpdater(network, options.Plan.LearningRate);
        Say($"weights are updated by {updater.Description}");
        return await trainer.RunAsync(network, updater, cancellationToken);
    }

    private async Task<TrainingReport> TrainRemotelyAsync(Trainer trainer, Mlp network, CancellationToken cancellationToken)
    {
        await using var service = options.Server is null
            ? await ServiceProcess.StartAsync(options.ServiceDll, cancellationToken: cancellationToken)
            : null;
        if (service is not null)
        {
            Say($"started the service as process {service.Addresses.ProcessId} at {service.Addresses.Grpc}");
        }

        await using var client = AdamClient.ForAddress(options.Server ?? service!.Addresses.Grpc);
        await using var updater = await RemoteUpdater.CreateAsync(client, network, options.Plan.LearningRate, cancellationToken);
        Say($"weights are updated by {updater.Description}");
        return await trainer.RunAsync(network, updater, cancellationToken);
    }

    private async Task<bool> VerifyAsync(Mlp trained, CancellationToken cancellationToken)
    {
        var trainer = new Trainer(_digits, options.Plan, new SilentProgress());
        var network = trainer.CreateNetwork();
        await using var updater = new InProcessUpdater(network, options.Plan.LearningRate);
        await trainer.RunAsync(network, updater, cancellationToken);
        var weights = network.Weights.Sum(values => values.Length);
        var differences = BitComparison.Differences(trained, network);
        Say(differences == 0
            ? $"trained once more with {updater.Description}: all {weights} weights are equal bit for bit"
            : $"FAILED: trained once more with {updater.Description}: {differences} of {weights} weights differ");
        return differences == 0;
    }

    private bool IsGoodEnough(TrainingReport report)
    {
        // Written so that a NaN is not good enough.
        if (report.Last.TestAccuracy >= options.MinAccuracy)
        {
            return true;
        }

        Say($"FAILED: the test accuracy is {report.Last.TestAccuracy * 100:0.00} %, below {options.MinAccuracy * 100:0.00} %");
        return false;
    }

    // The culture is invariant everywhere: the build says so (InvariantGlobalization).
    private void Say(string line) => output.WriteLine(line);
}
