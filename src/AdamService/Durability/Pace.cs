using Adam.Service.Sessions;

namespace Adam.Service.Durability;

/// <summary>
/// The pace of work that nobody is in a hurry for: while the session is in use it rests as long as it has worked, so that training has the memory and the
/// processors to itself half of the time. For one thread at a time.
/// </summary>
/// <param name="usage">The use of the session.</param>
/// <param name="hurry">Ends a rest, and all later ones: the service stops, or nobody waits for the work any more.</param>
internal sealed class Pace(SessionUsage usage, CancellationToken hurry)
{
    // A share of a short step.
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(20);

    // Trainers that make a call for each step come back within this.
    private static readonly TimeSpan UseLasts = TimeSpan.FromSeconds(5);

    private long _began = usage.Time.GetTimestamp();

    /// <summary>Begins to count: what was before is not work.</summary>
    public void Begin() => _began = usage.Time.GetTimestamp();

    /// <summary>Rests if it is time to. To be called every few milliseconds.</summary>
    public void Rest()
    {
        var worked = usage.Time.GetElapsedTime(_began);
        if (worked < Slice)
        {
            return;
        }

        if (usage.IsInUse || usage.WasUsedWithin(UseLasts))
        {
            hurry.WaitHandle.WaitOne(worked);
        }

        Begin();
    }
}
