namespace Adam.Service.Connections;

/// <summary>
/// What the data that the service sends explains: a reader gives windows back, and measures the way with pings. Written by the side that
/// sends, taken by the side that receives.
/// </summary>
/// <param name="perFrame">How many frames of the client one DATA frame explains.</param>
internal sealed class SentDataCredit(int perFrame)
{
    // More than the frames of the largest usual window (64 MiB) explain; what was not used before is not saved up.
    private const long SavedMax = 16_384;

    private long _given;
    private long _taken;

    /// <summary>Counts a DATA frame that was sent.</summary>
    public void Give() => Interlocked.Add(ref _given, perFrame);

    /// <summary>Takes one.</summary>
    /// <returns>False when there is none.</returns>
    public bool TryTake()
    {
        var given = Interlocked.Read(ref _given);
        _taken = Math.Max(_taken, given - SavedMax);
        if (_taken == given)
        {
            return false;
        }

        _taken++;
        return true;
    }
}
