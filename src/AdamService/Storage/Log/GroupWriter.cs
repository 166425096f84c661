using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>Writes groups of entries, with one synchronisation a group, and begins new segments. Used by one thread.</summary>
internal sealed class GroupWriter : IDisposable
{
    // A group is synchronised in parts of this size, so that a small entry does not wait for all the large ones behind it.
    private const long UnsyncedBytesMax = 64L << 20;

    // Of more than these each is handed on to a processor of its own rather than served by the one that writes.
    private const int FewEntries = 64;

    private readonly FileSystem _files;
    private readonly string _directory;
    private readonly StepLogOptions _options;
    private readonly SegmentList _segments;
    private readonly RecordWriter _records;
    private SegmentFile _segment;
    private ulong _nextLsn;
    private ulong _syncedLsn;
    private long _unsyncedBytes;
    private long _syncs;
    private long _appended;

    // True if there may be bytes behind the end of the segment that are not to stay.
    private bool _isTrimDue;
    private bool _isMarked = true;

    /// <summary>Begins a segment.</summary>
    /// <exception cref="StorageException">It cannot be begun.</exception>
    public GroupWriter(FileSystem files, string directory, StepLogOptions options, SegmentList segments, ulong nextLsn, ulong previousLsn)
    {
        (_files, _directory, _options, _segments) = (files, directory, options, segments);
        (_nextLsn, _syncedLsn) = (nextLsn, nextLsn - 1);
        _segment = SegmentFile.Create(files, directory, nextLsn, previousLsn);
        _records = new RecordWriter(options.SegmentBytes);
        segments.Add(new LogSegment(nextLsn, _segment.End));
    }

    /// <summary>The last record that is durable; 0 if there is none.</summary>
    public ulong SyncedLsn => Volatile.Read(ref _syncedLsn);

    /// <summary>How often it was waited for the device.</summary>
    public long Syncs => Volatile.Read(ref _syncs);

    /// <summary>How many entries became durable.</summary>
    public long Appended => Volatile.Read(ref _appended);

    /// <summary>How many entries of the last group are completed: all of them, unless it threw.</summary>
    public int Completed { get; private set; }

    /// <summary>Appends entries in their order and completes all, those for which there is no room with that.</summary>
    /// <returns>The last refusal, if there was one, and how many there were.</returns>
    /// <exception cref="StorageFailedException">The device has failed. Entries from <see cref="Completed"/> on are not completed.</exception>
    public (int Refused, StorageFullException? Last) Write(List<LogEntry> group)
    {
        Completed = 0;
        var (first, next) = (0, 0);
        (int Refused, StorageFullException? Last) refusals = default;
        while (true)
        {
            try
            {
                if (next == group.Count)
                {
                    _records.Flush(_segment);
                    break;
                }

                Place(group, ref first, next);
                next++;
            }
            catch (StorageFullException full)
            {
                // What was in the buffer behind the one that did not fit is placed once more: it may be smaller.
                next = _records.BufferedBytes > 0 ? TakeBack(group, first, full.BytesWritten) : next;
                group[next].Refusal = full;
                refusals = (refusals.Refused + 1, full);
                next++;
                first = next;
                _isTrimDue = true;
                Trim();
            }
        }

        Sync();
        Complete(group, group.Count);
        return refusals;
    }

    /// <summary>Appends a mark that everything before it is durable, so that damage to the last records can be told from a torn end.</summary>
    /// <exception cref="StorageException">It cannot be written.</exception>
    public void Mark()
    {
        if (_isMarked)
        {
            return;
        }

        _records.BufferMarker(_segment, _nextLsn, _syncedLsn);
        Advance(LogFormat.RecordHeaderBytes);
        _records.Flush(_segment);
        _isTrimDue = true;
        Sync();
        _isMarked = true;
    }

    public void Dispose()
    {
        _segment.Dispose();
        _records.Dispose();
    }

    private void Place(List<LogEntry> group, ref int first, int next)
    {
        var entry = group[next];

        // 1. The segment is full: everything in it is durable before there is a next one.
        if (!_segment.IsEmpty && entry.EndAt(_segment.End) > _options.SegmentBytes)
        {
            Settle(group, ref first, next);
            Rotate();
        }

        // 2. A small one joins those in the buffer, a large one goes behind them.
        if (RecordWriter.IsBuffered(entry))
        {
            if (!_records.HasRoom(entry))
            {
                _records.Flush(_segment);
                first = next;
            }

            _records.Buffer(_segment, entry, _nextLsn, _syncedLsn);
        }
        else
        {
            _records.Flush(_segment);
            first = next + 1;
            RecordWriter.Write(_segment, entry, _nextLsn, _syncedLsn);
        }

        (entry.Lsn, entry.Offset) = (_nextLsn, _segment.End);
        Advance(entry.EndAt(_segment.End) - _segment.End);

        // 3. Whoever is in it need not wait for the rest.
        if (_unsyncedBytes >= UnsyncedBytesMax)
        {
            Settle(group, ref first, next + 1);
        }
    }

    private void Advance(long bytes)
    {
        _segment.End += bytes;
        _unsyncedBytes += bytes;
        _nextLsn++;
        _isMarked = false;
    }

    private void Settle(List<LogEntry> group, ref int first, int upTo)
    {
        _records.Flush(_segment);
        first = upTo;
        Sync();
        Complete(group, upTo);
    }

    private int TakeBack(List<LogEntry> group, int first, long bytesWritten)
    {
        var written = _segment.End - _records.BufferedBytes + bytesWritten;
        while (group[first].EndAt(group[first].Offset) <= written)
        {
            first++;
        }

        _records.Discard(_segment, group[first].Offset);
        _unsyncedBytes -= _segment.End - group[first].Offset;
        (_segment.End, _nextLsn) = (group[first].Offset, group[first].Lsn);
        return first;
    }

    // Frees what a record that did not fit has taken. Where the system does not allow it now, what is there is no record and is overwritten.
    private void Trim()
    {
        try
        {
            _segment.Trim();
            _isTrimDue = false;
        }
        catch (StorageFullException)
        {
        }
    }

    private void Sync()
    {
        if (_unsyncedBytes == 0)
        {
            return;
        }

        if (_isTrimDue)
        {
            Trim();
        }

        _segment.File.SyncData();
        _unsyncedBytes = 0;
        _segments.SetNewestBytes(_segment.End);
        Volatile.Write(ref _syncs, _syncs + 1);
        Volatile.Write(ref _syncedLsn, _nextLsn - 1);
    }

    private void Complete(List<LogEntry> group, int upTo)
    {
        for (; Completed < upTo; Completed++)
        {
            Volatile.Write(ref _appended, _appended + (group[Completed].Refusal is null ? 1 : 0));
            group[Completed].Complete(group.Count <= FewEntries);
        }
    }

    private void Rotate()
    {
        Trim();
        var next = SegmentFile.Create(_files, _directory, _nextLsn, _nextLsn - 1);
        _segment.Dispose();
        _segment = next;
        _isTrimDue = false;
        _isMarked = true;
        _segments.Add(new LogSegment(_nextLsn, next.End));
    }
}
