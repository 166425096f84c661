using Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>Which snapshots of a session are kept.</summary>
internal static class SnapshotRetention
{
    /// <summary>Sorts out what is kept.</summary>
    /// <param name="snapshots">All of them, newest first.</param>
    /// <param name="kept">How many of the newest are kept.</param>
    /// <param name="keptEvery">Of each run of so many iterations the first is kept, too. 0: none is.</param>
    /// <returns>What is kept and what is not, both newest first.</returns>
    public static (IReadOnlyList<SnapshotEntry> Kept, IReadOnlyList<SnapshotEntry> Dropped) Split(
        IReadOnlyList<SnapshotEntry> snapshots, int kept, long keptEvery)
    {
        var firsts = keptEvery == 0
            ? []
            : snapshots.Reverse().Where(entry => entry.Iterations >= keptEvery).DistinctBy(entry => entry.Iterations / keptEvery).ToHashSet();
        var newest = snapshots.Take(kept).ToHashSet();
        var split = snapshots.ToLookup(entry => newest.Contains(entry) || firsts.Contains(entry));
        return ([.. split[true]], [.. split[false]]);
    }

    /// <summary>The log record up to which everything is in all snapshots that can be gone on from: the log up to it is not needed.</summary>
    /// <param name="snapshots">All of them, newest first.</param>
    /// <param name="kept">How many of the newest are kept, with the log after them.</param>
    public static ulong LogSequence(IReadOnlyList<SnapshotEntry> snapshots, int kept) =>
        snapshots.Count == 0 ? 0 : snapshots.Take(kept).Min(entry => entry.LogSequence);
}
