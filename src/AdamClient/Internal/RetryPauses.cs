namespace Adam.Client.Internal;

/// <summary>
/// How long to wait before another attempt: at first not at all, then twice as long each time, up to a limit. Half of it is random, so that the
/// clients of a service that restarts do not all come at once.
/// </summary>
internal static class RetryPauses
{
    /// <summary>The longest pause.</summary>
    public static readonly TimeSpan Max = TimeSpan.FromSeconds(5);

    private const int DoublingsMax = 16;

    private static readonly TimeSpan First = TimeSpan.FromSeconds(0.1);

    /// <summary>The pause before an attempt.</summary>
    /// <param name="failures">How many attempts have failed in a row, 0 or more.</param>
    /// <param name="random">0 to 1.</param>
    public static TimeSpan Before(int failures, double random)
    {
        if (failures == 0)
        {
            return TimeSpan.Zero;
        }

        var longest = First * (1 << Math.Min(failures - 1, DoublingsMax));
        return (longest < Max ? longest : Max) * ((1 + random) / 2);
    }
}
