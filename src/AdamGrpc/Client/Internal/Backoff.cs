namespace Grpc.Net.Client.Internal;

/// <summary>Pauses that grow.</summary>
/// <param name="initial">What the first pause is drawn from.</param>
/// <param name="max">What it grows to; null is no limit.</param>
/// <param name="multiplier">By how much it grows.</param>
/// <param name="from">The least part of it that is drawn.</param>
/// <param name="to">The largest part of it that is drawn.</param>
/// <param name="nextRandom">Draws from 0 to 1.</param>
internal sealed class Backoff(
    TimeSpan initial, TimeSpan? max, double multiplier, double from, double to, Func<double> nextRandom)
{
    /// <summary>What a timer can wait for.</summary>
    private static readonly TimeSpan PauseMax = TimeSpan.FromDays(40);

    // Null: the first one comes next.
    private TimeSpan? _current;

    /// <summary>Draws the next pause.</summary>
    public TimeSpan Next()
    {
        TimeSpan limit = max < PauseMax ? max.Value : PauseMax;
        TimeSpan current = _current ?? initial;
        TimeSpan basis = current < limit ? current : limit;
        double grown = basis.Ticks * multiplier;
        _current = grown < limit.Ticks ? TimeSpan.FromTicks((long)grown) : limit;
        return basis * (from + ((to - from) * nextRandom()));
    }

    /// <summary>Begins anew.</summary>
    public void Reset() => _current = null;
}
