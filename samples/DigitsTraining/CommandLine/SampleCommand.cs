using System.CommandLine;
using System.CommandLine.Parsing;
using Adam.Samples.DigitsTraining.Training;

namespace Adam.Samples.DigitsTraining.CommandLine;

/// <summary>The flags of the sample.</summary>
internal static class SampleCommand
{
    private static readonly TrainingPlan Defaults = new();

    /// <summary>The command; <paramref name="run"/> gets what was said and gives the exit code.</summary>
    public static RootCommand Create(Func<SampleOptions, CancellationToken, Task<int>> run)
    {
        var server = new Option<Uri?>("--server")
        {
            Description = "Use the service that runs at this address (http://host:port) instead of starting one.",
            CustomParser = ParseAddress,
        };
        var serviceDll = new Option<string?>("--service-dll")
        {
            Description = "Start this AdamService.dll instead of the one that was built with the sample.",
        };
        var inProcess = new Option<bool>("--in-process")
        {
            Description = "Train with the engine in this process; no service.",
        };
        var epochs = Number("--epochs", "How often every image is seen.", Defaults.Epochs);
        var batchSize = Number("--batch-size", "Images per step.", Defaults.BatchSize);
        var seed = new Option<int>("--seed")
        {
            Description = "Where the first weights and the order of the images come from.",
            DefaultValueFactory = _ => Defaults.Seed,
        };
        var learningRate = new Option<double>("--learning-rate")
        {
            Description = "Adam's learning rate.",
            DefaultValueFactory = _ => Defaults.LearningRate,
        };
        var minAccuracy = new Option<double>("--min-accuracy")
        {
            Description = "The test accuracy, 0 to 1, below which the exit code is 1.",
            DefaultValueFactory = _ => 0.97,
        };
        var noVerify = new Option<bool>("--no-verify")
        {
            Description = "Do not train once more in this process to compare every bit.",
        };

        var command = new RootCommand("Trains a network on handwritten digits; every update of its weights happens in the service.")
        {
            server, serviceDll, inProcess, epochs, batchSize, seed, learningRate, minAccuracy, noVerify,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new SampleOptions(
                new TrainingPlan
                {
                    Epochs = parsed.GetValue(epochs),
                    BatchSize = parsed.GetValue(batchSize),
                    Seed = parsed.GetValue(seed),
                    LearningRate = parsed.GetValue(learningRate),
                },
                parsed.GetValue(server),
                parsed.GetValue(serviceDll),
                parsed.GetValue(inProcess),
                !parsed.GetValue(noVerify),
                parsed.GetValue(minAccuracy)),
            cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, string description, int defaultValue)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => defaultValue };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() < 1)
            {
                result.AddError($"{name} must be 1 or more.");
            }
        });
        return option;
    }

    private static Uri? ParseAddress(ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return address;
        }

        result.AddError($"--server must be http://host:port or https://host:port, not '{text}'.");
        return null;
    }
}
