using Adam.Fuzz.Targets;

namespace Adam.Fuzz.Running;

/// <summary>What the program does: rounds over all targets, or one input again.</summary>
internal sealed class FuzzRun(FuzzSettings settings, TimeProvider time)
{
    // Fewer inputs need not see everything.
    private const long InputsForOutcomes = 10_000;

    private readonly FindingFolder _findings = new(settings.Findings);

    /// <summary>Runs.</summary>
    /// <returns>The exit code: 0 if nothing was found.</returns>
    public int Run()
    {
        var targets = AllTargets.Chosen(settings.Targets);
        return settings.Index is not null || settings.File is not null ? RunOne(targets) : RunRounds(targets);
    }

    private int RunOne(IReadOnlyList<Func<FuzzTarget>> targets)
    {
        using var target = targets.Count == 1 ? targets[0]() : throw new ArgumentException("--index and --file need one --target.");
        var index = settings.Index ?? -1;
        var input = settings.File is { } file
            ? File.ReadAllBytes(file)
            : TargetRun.InputOf(target, Corpus.Load(settings.Seeds, target), settings.Seed, index);
        var (outcome, finding) = new InputCheck(target, new HangWatch()).Run(input, index);
        Console.WriteLine($"{target.Name}: {input.Length} bytes, {outcome}\n{Convert.ToHexString(input)}\n{finding?.What}");
        return finding is null ? 0 : 1;
    }

    private int RunRounds(IReadOnlyList<Func<FuzzTarget>> targets)
    {
        var failed = new HashSet<int>();
        var start = time.GetTimestamp();
        var seed = settings.Seed;
        do
        {
            for (var i = 0; i < targets.Count; i++)
            {
                if (!RunTarget(targets[i], seed))
                {
                    failed.Add(i);
                }
            }

            seed++;
        }
        while (time.GetElapsedTime(start) < TimeSpan.FromHours(settings.Hours));

        return Finish(targets.Count - failed.Count, failed.Count);
    }

    private bool RunTarget(Func<FuzzTarget> make, ulong seed)
    {
        using var target = make();
        var corpus = Corpus.Load(settings.Seeds, target);
        var result = new TargetRun(make, corpus, seed, finding => Report(finding, seed)).Run(settings.Inputs, settings.Threads);
        var missing = settings.Inputs < InputsForOutcomes ? [] : target.Outcomes.Where(outcome => !result.Outcomes.ContainsKey(outcome)).ToList();
        if (missing.Count > 0)
        {
            Console.WriteLine($"fuzz: FAIL {target.Name}: no input came to {string.Join(", ", missing)}, so what is behind that was not tested.");
        }

        var isGood = result.Findings == 0 && missing.Count == 0;
        var outcomes = string.Join(", ", result.Outcomes.Select(outcome => $"{outcome.Key} {outcome.Value}"));
        Console.WriteLine(
            $"fuzz: {(isGood ? "ok" : "BAD")} {target.Name}, seed {seed}: {result.Inputs} inputs, "
            + $"{result.Inputs / result.Elapsed.TotalSeconds:0} per second, {result.Findings} findings ({outcomes})");
        return isGood;
    }

    private void Report(Finding finding, ulong seed)
    {
        _findings.Report(finding, seed);
        if (finding.What == HangWatch.NeverEnds)
        {
            Environment.Exit(Finish(0, 1));
        }
    }

    private static int Finish(int passed, int failed)
    {
        Console.WriteLine($"fuzz: {passed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }
}
