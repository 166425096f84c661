namespace Adam.Service.Storage.Log;

/// <summary>
/// Finds out what a log holds: where it ends, what is only the torn end of an interrupted write, and what was durable once and is damaged. Those two
/// look alike, but a record that was written later says up to which one all were durable.
/// </summary>
internal sealed class LogScan
{
    private readonly IReadOnlyList<ScannedSegment> _segments;
    private readonly List<Problem> _problems = [];
    private readonly List<string> _remarks = [];
    private readonly List<LogDamage> _damage = [];
    private ulong _syncedLsn;

    // The end of the segment before: the last record there, and what is behind it. Null if it is not known.
    private (ulong Lsn, long Offset, string Fault)? _end;

    /// <summary>Scans.</summary>
    /// <param name="segments">All segments, oldest first.</param>
    /// <exception cref="Files.StorageFailedException">The device has failed.</exception>
    public LogScan(IReadOnlyList<ScannedSegment> segments)
    {
        _segments = segments;
        for (var index = 0; index < segments.Count; index++)
        {
            Walk(index);
        }

        Decide();
    }

    /// <summary>What was durable and cannot be read, oldest first.</summary>
    public IReadOnlyList<LogDamage> Damage => _damage;

    /// <summary>What is not as it should be and does no harm.</summary>
    public IReadOnlyList<string> Remarks => _remarks;

    /// <summary>The torn end, if there is one.</summary>
    public TornTail? Tail { get; private set; }

    /// <summary>
    /// Where, in the last segment, the first record begins that may be in the system's cache alone; null if there is none. After a failed synchronisation
    /// not even another one would bring it to the disk.
    /// </summary>
    public long? UnsyncedOffset { get; private set; }

    /// <summary>The number after the last record's.</summary>
    public ulong NextLsn { get; private set; } = LogFormat.FirstLsn;

    private void Walk(int index)
    {
        var segment = _segments[index];
        if (segment.Header is not { } header)
        {
            // Segments get their names when their headers are durable: this one was there once.
            _syncedLsn = Math.Max(_syncedLsn, segment.FirstLsn - 1);
            Join(index, segment.FirstLsn - 1);
            ulong? last = index + 1 < _segments.Count ? _segments[index + 1].FirstLsn - 1 : null;
            _damage.Add(new LogDamage(segment.Path, 0, segment.FirstLsn, last, null, segment.Fault));
            NextLsn = segment.FirstLsn + (ulong)(segment.Bytes / LogFormat.Alignment) + 1;
            _end = null;
            return;
        }

        _syncedLsn = Math.Max(_syncedLsn, header.PreviousLsn);
        Join(index, header.PreviousLsn);
        _end = (segment.FirstLsn - 1, segment.Bytes, "");
        foreach (var item in segment.Items())
        {
            if (item.Header is { } record)
            {
                _syncedLsn = Math.Max(_syncedLsn, record.SyncedLsn);
            }

            if (item.LastLsn is not { } last)
            {
                _end = (item.FirstLsn - 1, item.Offset, item.Fault);
                break;
            }

            _end = (last, segment.Bytes, "");
            if (last < item.FirstLsn)
            {
                _remarks.Add($"{segment.Path} has something at {item.Offset} that is no record, between two that follow one another.");
            }
            else if (item.Fault.Length > 0)
            {
                _problems.Add(new Problem(index, item.Offset, item.FirstLsn, last, item.Header?.SessionUid, item.Fault));
            }
        }

        NextLsn = _end.Value.Lsn + 1;
    }

    // Everything before a segment was durable when it was begun.
    private void Join(int index, ulong previousLsn)
    {
        if (index == 0 || _end is not { } end)
        {
            return;
        }

        var before = _segments[index - 1];
        if (previousLsn > end.Lsn)
        {
            var fault = end.Fault.Length > 0 ? end.Fault : "the segment ends, and the next one begins with a later record";
            _problems.Add(new Problem(index - 1, end.Offset, end.Lsn + 1, previousLsn, null, fault));
        }
        else if (previousLsn < end.Lsn)
        {
            _damage.Add(new LogDamage(before.Path, end.Offset, previousLsn + 1, end.Lsn, null, "the next segment begins with an earlier record"));
        }
        else if (end.Fault.Length > 0)
        {
            _remarks.Add($"{before.Path} has {before.Bytes - end.Offset} bytes behind its last record, at {end.Offset}.");
        }
    }

    private void Decide()
    {
        // 1. What is at the end of all, and no record.
        if (_end is { Fault.Length: > 0 } end)
        {
            _problems.Add(new Problem(_segments.Count - 1, end.Offset, end.Lsn + 1, null, null, end.Fault));
        }

        // 2. Up to the record that is known to have been durable it is damage; from there on, a torn end.
        foreach (var problem in _problems)
        {
            if (problem.FirstLsn <= _syncedLsn)
            {
                var last = Math.Min(problem.LastLsn ?? ulong.MaxValue, _syncedLsn);
                _damage.Add(new LogDamage(_segments[problem.Segment].Path, problem.Offset, problem.FirstLsn, last, problem.SessionUid, problem.Fault));
            }

            if (problem.LastLsn is null || problem.LastLsn > _syncedLsn)
            {
                SetTail(problem.Offset, Math.Max(problem.FirstLsn, _syncedLsn + 1), problem.Fault);
                break;
            }
        }

        _damage.Sort(static (one, other) => one.FirstLsn.CompareTo(other.FirstLsn));
        VerifyUnsynced();
    }

    // A header may have got to the disk without its payload.
    private void VerifyUnsynced()
    {
        if (_segments.Count == 0)
        {
            return;
        }

        var segment = _segments[^1];
        foreach (var item in segment.Items().TakeWhile(item => Tail is null || item.Offset < Tail.Offset))
        {
            if (item is not { Header: { } record, Fault: "" } || record.Lsn <= _syncedLsn)
            {
                continue;
            }

            UnsyncedOffset ??= item.Offset;
            if (!PayloadReader.IsIntact(segment, new LogRecord(segment.FirstLsn, item.Offset, record)))
            {
                SetTail(item.Offset, record.Lsn, PayloadReader.Fault);
                return;
            }
        }
    }

    private void SetTail(long offset, ulong lsn, string fault)
    {
        Tail = new TornTail(_segments[^1].Path, offset, lsn, fault);
        NextLsn = lsn;
    }

    private readonly record struct Problem(int Segment, long Offset, ulong FirstLsn, ulong? LastLsn, UInt128? SessionUid, string Fault);
}
