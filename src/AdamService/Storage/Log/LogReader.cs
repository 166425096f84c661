using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>
/// A log as it was when it was opened for reading: what records there are, what is damaged, where it ends. Changes nothing, and may be used by several threads.
/// </summary>
internal sealed class LogReader : IDisposable
{
    private const int RewrittenBytes = 256 << 10;

    private readonly List<ScannedSegment> _segments;
    private readonly LogScan _scan;

    private LogReader(FileSystem files, string directory, List<ScannedSegment> segments)
    {
        (Files, Directory, _segments) = (files, directory, segments);
        _scan = new LogScan(segments);
    }

    /// <summary>The file system that the log is in.</summary>
    public FileSystem Files { get; }

    /// <summary>The log's directory.</summary>
    public string Directory { get; }

    /// <summary>
    /// Records that were durable and cannot be read, oldest first. Payloads of durable records are not looked at before they are read, or by
    /// <see cref="VerifyPayloads"/>.
    /// </summary>
    public IReadOnlyList<LogDamage> Damage => _scan.Damage;

    /// <summary>What is not as it should be and does no harm, in sentences.</summary>
    public IReadOnlyList<string> Remarks => _scan.Remarks;

    /// <summary>The torn end of an interrupted write, if there is one. It is not read, and is cut off when the log is opened for appending.</summary>
    public TornTail? Tail => _scan.Tail;

    /// <summary>The oldest record that there may be; <see cref="NextLsn"/> if there is none.</summary>
    public ulong OldestLsn => _segments.Count > 0 ? _segments[0].FirstLsn : NextLsn;

    /// <summary>The number after the last record's.</summary>
    public ulong NextLsn => _scan.NextLsn;

    /// <summary>Reads a log's headers and heads, to its end.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="directory">The log's directory. If it is not there, there are no records.</param>
    /// <param name="fromLsn">The first record that is asked for: segments that end before it are not looked at.</param>
    /// <param name="newest">
    /// Where to end: what lies behind it is being written, and is looked at by nobody. Null: where the files do, since nobody writes.
    /// </param>
    /// <exception cref="FileNotFoundException">A segment was let go meanwhile.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    /// <exception cref="LogVersionException">It is of another version.</exception>
    public static LogReader Open(FileSystem files, string directory, ulong fromLsn = LogFormat.FirstLsn, LogSegment? newest = null)
    {
        var segments = new List<ScannedSegment>();
        try
        {
            List<ulong> firsts = [.. FirstLsns(files, directory).Where(first => first <= (newest?.FirstLsn ?? ulong.MaxValue)).Order()];
            foreach (var firstLsn in firsts[Math.Max(0, firsts.FindLastIndex(first => first <= fromLsn))..])
            {
                var segment = ScannedSegment.Open(files, directory, firstLsn);
                segments.Add(firstLsn == newest?.FirstLsn ? segment with { Bytes = Math.Min(segment.Bytes, newest.Value.Bytes) } : segment);
            }

            return new LogReader(files, directory, segments);
        }
        catch
        {
            segments.ForEach(static segment => segment.File.Dispose());
            throw;
        }
    }

    /// <summary>The segments, oldest first.</summary>
    public IEnumerable<LogSegment> Segments() => _segments.Select(static segment => new LogSegment(segment.FirstLsn, segment.Bytes));

    /// <summary>The records that can be read, in order, without those that are damaged and those of the torn end.</summary>
    /// <param name="fromLsn">The first one that is asked for.</param>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public IEnumerable<LogRecord> Records(ulong fromLsn = LogFormat.FirstLsn)
    {
        for (var index = 0; index < _segments.Count; index++)
        {
            var segment = _segments[index];
            var isLast = index + 1 == _segments.Count;
            if (!isLast && _segments[index + 1].FirstLsn <= fromLsn)
            {
                continue;
            }

            foreach (var item in segment.Items())
            {
                if (isLast && item.Offset >= Tail?.Offset)
                {
                    break;
                }

                if (item is { Header: { IsMarker: false } record, Fault: "" } && record.Lsn >= fromLsn)
                {
                    yield return new LogRecord(segment.FirstLsn, item.Offset, record);
                }
            }
        }
    }

    /// <summary>Reads a record's head.</summary>
    /// <exception cref="LogDamageException">It is not what was written.</exception>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public byte[] ReadHead(in LogRecord record)
    {
        var segment = SegmentOf(record);
        var head = new byte[record.HeadLength];
        var read = segment.File.Read(head, record.Offset + LogFormat.RecordHeaderBytes);
        return read == head.Length && segment.Header!.Value.Salt.Checksum(head) == record.Header.HeadChecksum
            ? head
            : throw new LogDamageException(DamageOf(segment, record, "the checksum of the record's head is wrong"));
    }

    /// <summary>Reads a record's payload.</summary>
    /// <param name="record">The record.</param>
    /// <param name="into">Memory that takes all of it, and no more. Its content means nothing if this throws.</param>
    /// <exception cref="LogDamageException">It is not what was written.</exception>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public void ReadPayload(in LogRecord record, params ReadOnlySpan<NativePiece> into)
    {
        long bytes = 0;
        foreach (var piece in into)
        {
            bytes = checked(bytes + piece.Bytes);
        }

        if (bytes != record.PayloadLength)
        {
            throw new ArgumentException($"The payload of record {record.Lsn} has {record.PayloadLength} bytes, and there is room for {bytes}.", nameof(into));
        }

        var segment = SegmentOf(record);
        if (!PayloadReader.TryRead(segment, record, into))
        {
            throw new LogDamageException(DamageOf(segment, record, PayloadReader.Fault));
        }
    }

    /// <summary>Reads all payloads and names those that are not what was written.</summary>
    /// <exception cref="StorageFailedException">The device has failed.</exception>
    public IEnumerable<LogDamage> VerifyPayloads() =>
        from record in Records()
        let segment = SegmentOf(record)
        where !PayloadReader.IsIntact(segment, record)
        select DamageOf(segment, record, PayloadReader.Fault);

    /// <summary>
    /// Makes what was found durable: cuts the torn end off, writes once more what may be in the system's cache alone, and deletes what was left of segments that
    /// were being begun.
    /// </summary>
    /// <param name="logger">Where it says so.</param>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void Settle(ILogger logger)
    {
        if (Tail is not null || _scan.UnsyncedOffset is not null)
        {
            var last = _segments[^1];
            using var file = Files.Open(last.Path, FileUse.Update);
            if (Tail is { } tail)
            {
                file.Truncate(tail.Offset);
                StepLogEvents.TailCut(logger, tail.Segment, tail.Offset, tail.Lsn, tail.Fault);
            }

            Rewrite(file, _scan.UnsyncedOffset ?? long.MaxValue);
            file.Sync();
        }

        foreach (var name in Files.List(Directory).Where(static name => name.EndsWith(AtomicFile.TemporaryEnding, StringComparison.Ordinal)))
        {
            Files.Delete(Path.Combine(Directory, name));
        }
    }

    /// <summary>Closes the segments.</summary>
    public void Dispose() => _segments.ForEach(static segment => segment.File.Dispose());

    private static void Rewrite(DurableFile file, long offset)
    {
        var piece = new byte[RewrittenBytes];
        for (int read; offset < file.Length && (read = file.Read(piece, offset)) > 0; offset += read)
        {
            file.Write(piece.AsSpan(0, read), offset);
        }
    }

    private static IEnumerable<ulong> FirstLsns(FileSystem files, string directory)
    {
        try
        {
            return files.List(directory).Select(static name => SegmentName.TryParse(name, out var lsn) ? lsn : 0).Where(static lsn => lsn > 0);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private ScannedSegment SegmentOf(LogRecord record) =>
        _segments.Find(segment => segment.FirstLsn == record.SegmentLsn)
        ?? throw new ArgumentException($"Record {record.Lsn} is of another log.", nameof(record));

    private static LogDamage DamageOf(ScannedSegment segment, in LogRecord record, string fault) =>
        new(segment.Path, record.Offset, record.Lsn, record.Lsn, record.SessionUid, fault);
}
