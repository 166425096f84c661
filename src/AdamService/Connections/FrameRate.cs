namespace Adam.Service.Connections;

/// <summary>Counts what may happen so many times in a second.</summary>
/// <remarks>The clock is looked at once in so many times, so that a frame costs an addition. After a quiet
/// time twice as many can pass within a second.</remarks>
/// <param name="perSecondMax">How many times; 0 is no limit.</param>
/// <param name="time">The clock.</param>
internal sealed class FrameRate(int perSecondMax, TimeProvider time)
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    private long _start = time.GetTimestamp();
    private int _count;

    /// <summary>Counts one.</summary>
    /// <returns>False when it is one too many.</returns>
    public bool TryAdd()
    {
        if (perSecondMax == 0 || ++_count <= perSecondMax)
        {
            return true;
        }

        if (time.GetElapsedTime(_start) < Second)
        {
            return false;
        }

        _start = time.GetTimestamp();
        _count = 1;
        return true;
    }
}
