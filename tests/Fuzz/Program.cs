using System.CommandLine;
using Adam.Fuzz.Running;
using Adam.Fuzz.Targets;

Option<string[]> targets = new("--target") { Description = "A target to run; may be given more than once. Default: all.", DefaultValueFactory = _ => [] };
Option<long> inputs = new("--inputs") { Description = "Inputs of each target, or of each round of hours. Default 20,000.", DefaultValueFactory = _ => 20_000 };
Option<ulong> seed = new("--seed") { Description = "What the inputs are drawn with. Default 1.", DefaultValueFactory = _ => 1 };
Option<double> hours = new("--hours") { Description = "Go on with the next seeds for so long. Default 0: one round.", DefaultValueFactory = _ => 0 };
Option<int> threads = new("--threads")
{
    Description = "Threads that share the inputs of a target. Default: one for each processor.",
    DefaultValueFactory = _ => Environment.ProcessorCount,
};
Option<long?> index = new("--index") { Description = "Run only the input of this number." };
Option<string?> file = new("--file") { Description = "Run only this file." };
Option<string> seeds = new("--seeds") { Description = "The folder of the seeds.", DefaultValueFactory = _ => Path.Combine("tests", "Fuzz", "seeds") };
Option<string> findings = new("--findings")
{
    Description = "The folder for failing inputs.",
    DefaultValueFactory = _ => Path.Combine("artifacts", "fuzz"),
};
Option<bool> writeSeeds = new("--write-seeds") { Description = "Write the seeds that are made of valid messages, and end." };

RootCommand command = new("Gives bytes that no client should send to everything that reads bytes of clients.")
{
    targets, inputs, seed, hours, threads, index, file, seeds, findings, writeSeeds,
};
command.SetAction(arguments =>
{
    if (arguments.GetValue(writeSeeds))
    {
        foreach (var make in AllTargets.Chosen(arguments.GetRequiredValue(targets)))
        {
            using var target = make();
            Console.WriteLine($"{target.Name}: {Corpus.Write(arguments.GetRequiredValue(seeds), target)} seeds");
        }

        return 0;
    }

    return new FuzzRun(
        new FuzzSettings
        {
            Targets = arguments.GetRequiredValue(targets),
            Inputs = arguments.GetValue(inputs),
            Seed = arguments.GetValue(seed),
            Hours = arguments.GetValue(hours),
            Threads = arguments.GetValue(threads),
            Index = arguments.GetValue(index),
            File = arguments.GetValue(file),
            Seeds = arguments.GetRequiredValue(seeds),
            Findings = arguments.GetRequiredValue(findings),
        },
        TimeProvider.System).Run();
});
return command.Parse(args).Invoke();
