using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>
/// The log that all sessions append to. One thread writes everything that waits, synchronises once, and wakes all who wait for it. Records are durable in the
/// order in which they were appended.
/// </summary>
/// <remarks>
/// If there is no room, an entry is refused and later ones may be taken: whoever has appended two that depend on each other waits for the first. After an
/// error of the device nothing is taken any more, and nothing tried again.
/// </remarks>
internal sealed class StepLog : IDisposable
{
    private readonly FileSystem _files;
    private readonly string _directory;
    private readonly ILogger _logger;
    private readonly SegmentList _segments;
    private readonly GroupWriter _writer;
    private readonly Thread _thread;
    private readonly LogQueue _queue;

    private StepLog(LogReader reader, StepLogOptions options, ILogger logger, SegmentList segments, GroupWriter writer)
    {
        (_files, _directory, _logger, _segments, _writer) = (reader.Files, reader.Directory, logger, segments, writer);
        _queue = new LogQueue(options);
        _thread = new Thread(Run) { Name = "Step log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>The bytes of all segments.</summary>
    public long Bytes => _segments.Bytes;

    /// <summary>The oldest record that there may be.</summary>
    public ulong OldestLsn => _segments.OldestLsn;

    /// <summary>The last record that is durable; 0 if there was never one.</summary>
    public ulong SyncedLsn => _writer.SyncedLsn;

    /// <summary>How often it was waited for the device.</summary>
    public long Syncs => _writer.Syncs;

    /// <summary>How many entries became durable since the log was opened.</summary>
    public long Appended => _writer.Appended;

    /// <summary>Why nothing is taken any more; null as long as something is.</summary>
    public StorageFailedException? Failure => _queue.Failure;

    /// <summary>Bytes of heads and payloads that wait to be durable.</summary>
    public long WaitingBytes => _queue.Bytes;

    /// <summary>The segments, oldest first.</summary>
    public LogSegment[] Segments() => _segments.Snapshot();

    /// <summary>Makes what was found durable, without its torn end, and begins a segment behind it.</summary>
    /// <param name="reader">What was found. It may go on being read. Its damage is not this method's business.</param>
    /// <param name="options">How the log is kept.</param>
    /// <param name="logger">Where it says what happened.</param>
    /// <param name="nextLsnMin">The next record's number is at least this: more than any that is known from elsewhere.</param>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public static StepLog Open(LogReader reader, StepLogOptions options, ILogger logger, ulong nextLsnMin = LogFormat.FirstLsn)
    {
        reader.Files.CreateDirectory(reader.Directory);
        reader.Settle(logger);
        var segments = new SegmentList();
        var nextLsn = Math.Max(reader.NextLsn, nextLsnMin);
        foreach (var segment in reader.Segments().Where(segment => segment.FirstLsn < nextLsn))
        {
            segments.Add(segment);
        }

        var writer = new GroupWriter(reader.Files, reader.Directory, options, segments, nextLsn, reader.NextLsn - 1);
        return new StepLog(reader, options, logger, segments, writer);
    }

    /// <summary>Appends a record.</summary>
    /// <param name="entry">The record. Nobody may touch it, nor what it points to, until it is completed.</param>
    /// <returns>Its number, as soon as it is durable.</returns>
    /// <exception cref="LogBusyException">Too much waits; nothing was appended.</exception>
    /// <exception cref="StorageFailedException">The device has failed. As the task's: whether the record is there shows at the next start.</exception>
    /// <exception cref="StorageFullException">As the task's: there is no room. The record was not appended, and may be later.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public ValueTask<ulong> AppendAsync(LogEntry entry)
    {
        Append(entry);
        return entry.Completion;
    }

    /// <summary>Appends a record whose <see cref="LogEntry.Waiter"/> is told when it is durable.</summary>
    /// <param name="entry">The record. Nobody may touch it, nor what it points to, until it is completed.</param>
    /// <exception cref="LogBusyException">Too much waits; nothing was appended.</exception>
    /// <exception cref="StorageFailedException">The device has failed; nothing was appended.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public void Append(LogEntry entry) => _queue.Add(entry, isUrgent: true);

    /// <summary>
    /// Appends a record that nobody waits for: it goes with the next one that somebody does, or after <see cref="StepLogOptions.LazyDelay"/>. Who wants to
    /// know may await the entry's completion.
    /// </summary>
    /// <param name="entry">The record. Nobody may touch it, nor what it points to, until it is completed.</param>
    /// <exception cref="LogBusyException">Too much waits; nothing was appended.</exception>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    /// <exception cref="ObjectDisposedException">The log is closed.</exception>
    public void AppendLazily(LogEntry entry) => _queue.Add(entry, isUrgent: false);

    /// <summary>Reads what is durable now, while others append.</summary>
    /// <param name="fromLsn">The first record that is asked for.</param>
    /// <exception cref="FileNotFoundException">A segment was let go meanwhile.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public LogReader Read(ulong fromLsn = LogFormat.FirstLsn) => LogReader.Open(_files, _directory, fromLsn, _segments.Snapshot()[^1]);

    /// <summary>Deletes the segments all of whose records are older than a record. The newest one always stays.</summary>
    /// <param name="lsn">The oldest record that is still needed.</param>
    /// <returns>How many segments were deleted.</returns>
    /// <exception cref="StorageFullException">The file system is read-only; the log goes on.</exception>
    /// <exception cref="StorageFailedException">The device has failed, and with it the log.</exception>
    public int Release(ulong lsn)
    {
        try
        {
            return _segments.Release(_files, _directory, lsn);
        }
        catch (StorageFailedException failure)
        {
            Fail(failure);
            throw;
        }
    }

    /// <summary>Writes what waits, and a mark that all of it is durable, and closes the log.</summary>
    public void Dispose()
    {
        _queue.Close();
        _thread.Join();
    }

    private void Run()
    {
        var group = new List<LogEntry>();
        var isFull = false;
        while (_queue.Take(ref group))
        {
            // Taken before they are completed: whoever waits may use an entry again at once.
            var bytes = group.Sum(static entry => entry.QueueBytes);
            if (Failure is { } earlier)
            {
                group.ForEach(entry => entry.Fail(LogQueue.Refusal(earlier)));
            }
            else
            {
                isFull = Write(group, isFull);
            }

            group.Clear();
            _queue.Settle(bytes);
        }

        Close();
    }

    private bool Write(List<LogEntry> group, bool wasFull)
    {
        try
        {
            var (refused, last) = _writer.Write(group);
            if (last is not null)
            {
                StepLogEvents.Full(_logger, refused, last.Message);
            }
            else if (wasFull)
            {
                StepLogEvents.RoomAgain(_logger);
            }

            return last is not null;
        }
#pragma warning disable CA1031 // Whatever it is, it is unknown what is in the file.
        catch (Exception error)
#pragma warning restore CA1031
        {
            var failure = Fail(error);
            group[_writer.Completed..].ForEach(entry => entry.Fail(LogQueue.Refusal(failure)));
            return wasFull;
        }
    }

    private void Close()
    {
        try
        {
            if (Failure is null)
            {
                _writer.Mark();
            }
        }
        catch (StorageException error)
        {
            StepLogEvents.ClosedWithoutMark(_logger, error.Message);
        }
        finally
        {
            _writer.Dispose();
        }
    }

    private StorageFailedException Fail(Exception error)
    {
        var failure = error as StorageFailedException ?? new StorageFailedException($"The log cannot go on: {error.Message}", cause: error);
        if (_queue.Fail(failure))
        {
            StepLogEvents.Failed(_logger, failure);
        }

        return failure;
    }
}
