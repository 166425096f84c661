using System.Diagnostics;

namespace Adam.Bench.StepBench;

/// <summary>Times actions side by side: in turns, so that what disturbs one disturbs the others, and by medians.</summary>
internal sealed class Stopwatches(int rounds, double secondsMin)
{
    /// <summary>The seconds of one call of each action: lower quartile, median, upper quartile.</summary>
    public IReadOnlyList<(double Low, double Median, double High)> Time(IReadOnlyList<Action> actions)
    {
        int[] repeats = [.. actions.Select(Repeats)];
        double[][] seconds = [.. actions.Select(_ => new double[rounds])];
        for (int round = 0; round < rounds; round++)
        {
            for (int i = 0; i < actions.Count; i++)
            {
                seconds[i][round] = Seconds(actions[i], repeats[i]);
            }
        }

        return [.. seconds.Select(times =>
        {
            Array.Sort(times);
            return (times[rounds / 4], times[rounds / 2], times[^(1 + (rounds / 4))]);
        })];
    }

    private static double Seconds(Action action, int repeats)
    {
        long start = Stopwatch.GetTimestamp();
        for (int i = 0; i < repeats; i++)
        {
            action();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / repeats;
    }

    // The first calls compile the loops and touch what has not been touched.
    private int Repeats(Action action)
    {
        Seconds(action, 3);
        return (int)Math.Clamp(Math.Ceiling(secondsMin / Seconds(action, 1)), 1, 1_000_000);
    }
}
