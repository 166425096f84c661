using System.Diagnostics;
using Adam.Fuzz.Randomness;
using Adam.Fuzz.Targets;

namespace Adam.Fuzz.Running;

/// <summary>Runs many inputs through one target, on a few threads.</summary>
/// <param name="make">Makes an instance of the target.</param>
/// <param name="corpus">The seeds.</param>
/// <param name="seed">What the inputs are drawn with.</param>
/// <param name="onFinding">Told of each finding.</param>
internal sealed class TargetRun(Func<FuzzTarget> make, Corpus corpus, ulong seed, Action<Finding> onFinding)
{
    // After so many the rest would say the same.
    private const int FindingsMax = 10;
    private const long BlockLength = 256;

    // What may stay in memory after all inputs: pools and tables of the runtime.
    private const long KeptBytesMax = 64 << 20;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, long> _outcomes = new(StringComparer.Ordinal);
    private long _next;
    private int _findings;

    /// <summary>Runs them.</summary>
    /// <param name="inputs">How many.</param>
    /// <param name="threads">On how many threads.</param>
    public TargetResult Run(long inputs, int threads)
    {
        var start = Stopwatch.GetTimestamp();
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watches = Enumerable.Range(0, threads).Select(_ => new HangWatch()).ToArray();
        using (new Watchdog(watches, onFinding))
        {
            var workers = watches.Select(watch => new Thread(() => Work(watch, inputs)) { IsBackground = true }).ToList();
            workers.ForEach(worker => worker.Start());
            workers.ForEach(worker => worker.Join());
        }

        var elapsed = Stopwatch.GetElapsedTime(start);
        var kept = GC.GetTotalMemory(forceFullCollection: true) - before;
        if (kept > KeptBytesMax)
        {
            Report(new Finding(corpus.Target, -1, [], $"After all inputs {kept} bytes more than before are in use."));
        }

        return new TargetResult(Math.Min(_next, inputs), elapsed, _findings, _outcomes);
    }

    /// <summary>The input of a number: the seeds themselves first, then what is made of them.</summary>
    public static byte[] InputOf(FuzzTarget target, Corpus corpus, ulong seed, long index) => index < corpus.Seeds.Count
        ? corpus.Seeds[(int)index]
        : target.MakeInput(corpus.Seeds, Prng.Of(seed, target.Name, index));

    private void Work(HangWatch watch, long inputs)
    {
        using var target = make();
        var check = new InputCheck(target, watch);
        var outcomes = new Dictionary<string, long>(StringComparer.Ordinal);
        while (Volatile.Read(ref _findings) < FindingsMax)
        {
            var first = Interlocked.Add(ref _next, BlockLength) - BlockLength;
            if (first >= inputs)
            {
                break;
            }

            for (var index = first; index < Math.Min(first + BlockLength, inputs); index++)
            {
                var (outcome, finding) = check.Run(InputOf(target, corpus, seed, index), index);
                outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
                if (finding is not null)
                {
                    Report(finding);
                }
            }
        }

        lock (_lock)
        {
            foreach (var (outcome, count) in outcomes)
            {
                _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + count;
            }
        }
    }

    private void Report(Finding finding)
    {
        lock (_lock)
        {
            if (_findings++ < FindingsMax)
            {
                onFinding(finding);
            }
        }
    }
}
