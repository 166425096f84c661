using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>The segments that there are, oldest first. The last one is being written.</summary>
internal sealed class SegmentList
{
    private readonly Lock _lock = new();
    private readonly Lock _releasing = new();
    private readonly List<LogSegment> _segments = [];
    private long _bytes;

    /// <summary>The bytes of all.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The first record that there may be.</summary>
    public ulong OldestLsn
    {
        get
        {
            lock (_lock)
            {
                return _segments[0].FirstLsn;
            }
        }
    }

    /// <summary>All of them, as they are now.</summary>
    public LogSegment[] Snapshot()
    {
        lock (_lock)
        {
            return [.. _segments];
        }
    }

    /// <summary>Adds the newest one.</summary>
    public void Add(LogSegment segment)
    {
        lock (_lock)
        {
            _segments.Add(segment);
            Volatile.Write(ref _bytes, _bytes + segment.Bytes);
        }
    }

    /// <summary>Says how long the newest one is by now.</summary>
    public void SetNewestBytes(long bytes)
    {
        lock (_lock)
        {
            Volatile.Write(ref _bytes, _bytes + bytes - _segments[^1].Bytes);
            _segments[^1] = _segments[^1] with { Bytes = bytes };
        }
    }

    /// <summary>
    /// Deletes those all of whose records are older than one, oldest first, each durably before the next: after a crash what is there has no hole.
    /// </summary>
    /// <returns>How many.</returns>
    /// <exception cref="StorageException">One could not be deleted; the older ones are.</exception>
    public int Release(FileSystem files, string directory, ulong lsn)
    {
        lock (_releasing)
        {
            for (var count = 0; ; count++)
            {
                LogSegment oldest;
                lock (_lock)
                {
                    if (_segments.Count < 2 || _segments[1].FirstLsn > lsn)
                    {
                        return count;
                    }

                    oldest = _segments[0];
                }

                files.Delete(Path.Combine(directory, SegmentName.Of(oldest.FirstLsn)));
                files.SyncDirectory(directory);
                lock (_lock)
                {
                    _segments.RemoveAt(0);
                    Volatile.Write(ref _bytes, _bytes - oldest.Bytes);
                }
            }
        }
    }
}
