using Adam.Service.Durability;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Storage.Safetensors;
using Adam.Storage.V1;
using Google.Protobuf;

namespace Adam.Service.Recovery;

/// <summary>Reads a data directory through, every byte that has a checksum, and names what is damaged. Changes nothing.</summary>
/// <param name="files">The file system.</param>
/// <param name="path">The directory, which no service uses meanwhile.</param>
internal sealed class DataDirectoryAudit(FileSystem files, string path)
{
    private const string Ending = ".safetensors";

    private readonly List<string> _findings = [];

    // What the log must reach: the newest segment that the directory's record knows of, and the last record that is in a snapshot.
    private ulong _newestSegment;
    private ulong _inSnapshots;

    /// <summary>What is damaged, each with its place.</summary>
    public IReadOnlyList<string> Findings => _findings;

    /// <summary>Sessions that have files.</summary>
    public int Sessions { get; private set; }

    /// <summary>Snapshots and checkpoints that were read.</summary>
    public int StateFiles { get; private set; }

    /// <summary>Records of the step log that can be read.</summary>
    public long Records { get; private set; }

    /// <summary>What is not as after an orderly stop and does no harm.</summary>
    public IReadOnlyList<string> Remarks { get; private set; } = [];

    /// <summary>Does it.</summary>
    /// <exception cref="StorageException">The directory itself cannot be read.</exception>
    public void Run()
    {
        foreach (var name in NodeFile.Names)
        {
            Note(() => _newestSegment = Math.Max(
                _newestSegment, RecordFile.Read(files, Path.Combine(path, name), NodeRecord.Parser).NewestSegment));
        }

        foreach (var name in files.List(Path.Combine(path, "sessions")).Order(StringComparer.Ordinal))
        {
            if (!name.EndsWith(SessionFolder.DeletedEnding, StringComparison.Ordinal))
            {
                ReadFolder(Path.Combine(path, "sessions", name));
            }
        }

        ReadLog();
    }

    private void ReadFolder(string folderPath)
    {
        Note(() =>
        {
            if (SessionFolder.Open(files, folderPath) is not { } folder)
            {
                return;
            }

            Sessions++;
            foreach (var entry in folder.Manifest.Snapshots)
            {
                ReadState(folder.PathOf(entry), entry.HeaderCrc32C);
                _inSnapshots = Math.Max(_inSnapshots, entry.LogSequence);
            }

            foreach (var name in CheckpointsOf(folder).Order(StringComparer.Ordinal))
            {
                ReadState(Path.Combine(folder.CheckpointsPath, name), null);
            }
        });
    }

    private IEnumerable<string> CheckpointsOf(SessionFolder folder)
    {
        try
        {
            return files.List(folder.CheckpointsPath).Where(static name => name.EndsWith(Ending, StringComparison.Ordinal));
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private void ReadState(string statePath, uint? headerChecksum)
    {
        StateFiles++;
        Note(
            () =>
            {
                using var file = files.Open(statePath, FileUse.Read);
                StateFile.Verify(file, StateFile.ReadHeader(file, headerChecksum));
            },
            statePath);
    }

    private void ReadLog()
    {
        using var log = LogReader.Open(files, Path.Combine(path, "log"));
        Remarks = [.. log.Remarks, .. log.Tail is { } tail ? [$"{tail.Segment} has a torn end at byte {tail.Offset}, which nobody was told of."] : Array.Empty<string>()];
        _findings.AddRange(new[] { LogEnd.Fault(log, _newestSegment) }.OfType<string>());
        _findings.AddRange(LogEnd.Missing(log, _inSnapshots).Select(static damage => damage.ToString()));
        _findings.AddRange(log.Damage.Select(static damage => damage.ToString()));
        _findings.AddRange(log.VerifyPayloads().Select(static damage => damage.ToString()));
        foreach (var record in log.Records())
        {
            Records++;
            Note(() => LogHead.Parser.ParseFrom(log.ReadHead(record)), $"record {record.Lsn} of the step log");
        }
    }

    private void Note(Action read, string? where = null)
    {
        try
        {
            read();
        }
        catch (Exception damaged) when (damaged is InvalidDataException or SafetensorsException or LogDamageException or FileNotFoundException
            or StorageException or InvalidProtocolBufferException)
        {
            _findings.Add(where is null ? damaged.Message : $"{where}: {damaged.Message}");
        }
    }
}
