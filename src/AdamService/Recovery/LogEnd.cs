using Adam.Service.Storage.Log;

namespace Adam.Service.Recovery;

/// <summary>Where a log must go to at least, by what others know of its records.</summary>
internal static class LogEnd
{
    /// <summary>
    /// Records that the log does not know of and that were durable, because a snapshot has a later one. That one is its session's, which does not miss it.
    /// </summary>
    /// <param name="log">The log.</param>
    /// <param name="knownLsn">The last record that a snapshot has; 0 if none has any.</param>
    /// <returns>One damage whose owners are not known, or none.</returns>
    public static IEnumerable<LogDamage> Missing(LogReader log, ulong knownLsn)
    {
        if (knownLsn > log.NextLsn)
        {
            var (place, offset) = log.Tail is { } tail ? (tail.Segment, tail.Offset)
                : log.Segments().LastOrDefault() is { FirstLsn: > 0 } last ? (Path.Combine(log.Directory, SegmentName.Of(last.FirstLsn)), last.Bytes)
                : (log.Directory, 0);
            yield return new LogDamage(
                place, offset, log.NextLsn, knownLsn - 1, null, $"the log ends before record {log.NextLsn}, and a snapshot has record {knownLsn}");
        }
    }

    /// <summary>What is wrong with a log that ends before the segment that was being written last, as far as that was noted: segments are missing.</summary>
    /// <param name="log">The log.</param>
    /// <param name="newestLsn">The first record of that segment; 0 if none was noted.</param>
    /// <returns>Null if it is there.</returns>
    public static string? Fault(LogReader log, ulong newestLsn) => newestLsn == 0 || (log.Segments().Any() && log.NextLsn >= newestLsn)
        ? null
        : $"{log.Directory} ends before record {log.NextLsn}, and the step log has had a segment that begins with record {newestLsn}: its newest segments are missing.";
}
