using System.Globalization;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.Storage.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Service.Durability;

/// <summary>
/// The folder of one session: <c>manifest</c>, which names the snapshots and counts alone, <c>snapshot-VERSION.safetensors</c>, and
/// <c>checkpoints</c>. Used by one at a time.
/// </summary>
internal sealed class SessionFolder
{
    /// <summary>The version of the manifest.</summary>
    public const uint Format = 1;

    private const string ManifestName = "manifest";
    private const string CheckpointsName = "checkpoints";
    private const string SnapshotBegin = "snapshot-";
    private const string Ending = ".safetensors";

    private readonly FileSystem _files;

    // Names that a manifest on disk may speak of although it is not known to.
    private readonly HashSet<string> _uncertain = new(StringComparer.Ordinal);

    private volatile bool _isMade;

    private SessionFolder(FileSystem files, string path, Manifest manifest) => (_files, Path, Manifest) = (files, path, manifest);

    /// <summary>Its path.</summary>
    public string Path { get; }

    /// <summary>What is on disk as the manifest. Never changed, only replaced.</summary>
    public Manifest Manifest { get; private set; }

    /// <summary>Whether it is on disk. May be read from anywhere.</summary>
    public bool IsMade => _isMade;

    /// <summary>Where the checkpoints are.</summary>
    public string CheckpointsPath => System.IO.Path.Combine(Path, CheckpointsName);

    /// <summary>Whether there are any.</summary>
    public bool HasCheckpoints => Directory.Exists(CheckpointsPath) && Directory.EnumerateFiles(CheckpointsPath).Any();

    /// <summary>Who uses the folder holds this.</summary>
    public SemaphoreSlim Turn { get; } = new(1);

    /// <summary>True once it was deleted; nothing may be written any more.</summary>
    public bool IsDeleted { get; private set; }

    /// <summary>The name of the folder of a session.</summary>
    public static string NameOf(ByteString uid) => Convert.ToHexStringLower(uid.Span);

    /// <summary>The folder that a session will have. Nothing is on disk before <see cref="Make"/>.</summary>
    /// <param name="files">The way to the disk.</param>
    /// <param name="parent">Where the folders of the sessions are.</param>
    /// <param name="manifest">The first manifest, which names no snapshots.</param>
    public static SessionFolder Of(FileSystem files, string parent, Manifest manifest) =>
        new(files, System.IO.Path.Combine(parent, NameOf(manifest.SessionUid)), manifest);

    /// <summary>Makes the folder and its manifest, if they are not there, durably.</summary>
    /// <exception cref="StorageException">They are not on disk, or not both.</exception>
    public void Make()
    {
        if (!_isMade)
        {
            _files.CreateDirectory(Path);
            RecordFile.Write(_files, System.IO.Path.Combine(Path, ManifestName), Manifest);
            _isMade = true;
        }
    }

    /// <summary>Opens the folder of an earlier start.</summary>
    /// <returns>Null if it was never finished: it has nothing in it that anybody was told of.</returns>
    /// <exception cref="InvalidDataException">Its manifest is damaged or missing.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    public static SessionFolder? Open(FileSystem files, string path)
    {
        Manifest manifest;
        var manifestPath = System.IO.Path.Combine(path, ManifestName);
        try
        {
            manifest = RecordFile.Read(files, manifestPath, Manifest.Parser);
        }
        catch (FileNotFoundException)
        {
            // The manifest is the first file of a folder, so that an empty one was being made, and one with files has lost it.
            return files.List(path).All(name => name == ManifestName + AtomicFile.TemporaryEnding)
                ? null
                : throw new InvalidDataException($"{manifestPath} is missing, and there are files beside it.");
        }

        if (manifest.Format != Format)
        {
            throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture,
                $"{manifestPath} is of format {manifest.Format}, and this build knows {Format}: use the build that wrote it, or a later one."));
        }

        if (NameOf(manifest.SessionUid) != System.IO.Path.GetFileName(path))
        {
            throw new InvalidDataException($"{manifestPath} is that of session {NameOf(manifest.SessionUid)}.");
        }

        return new SessionFolder(files, path, manifest) { _isMade = true };
    }

    /// <summary>
    /// The id of a session whose manifest cannot be read: every other file of it has it too. Without it a client that comes back would be given a new
    /// session under the id, and nobody would say that there is another.
    /// </summary>
    /// <returns>Empty if no file says it.</returns>
    public static string FindId(FileSystem files, string path)
    {
        foreach (var directory in new[] { path, System.IO.Path.Combine(path, CheckpointsName) })
        {
            try
            {
                foreach (var name in files.List(directory).Where(static name => name.EndsWith(Ending, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
                {
                    if (IdIn(files, System.IO.Path.Combine(directory, name)) is { Length: > 0 } id)
                    {
                        return id;
                    }
                }
            }
            catch (Exception none) when (none is DirectoryNotFoundException or StorageException)
            {
            }
        }

        return "";
    }

    /// <summary>Deletes what a crash has left over: files that were being written, and snapshots that the manifest does not name.</summary>
    /// <exception cref="StorageException">It cannot be done.</exception>
    public void Tidy()
    {
        var named = Manifest.Snapshots.Select(entry => entry.FileName).ToHashSet(StringComparer.Ordinal);
        foreach (var name in _files.List(Path))
        {
            var isSnapshot = name.StartsWith(SnapshotBegin, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal);
            if (name.EndsWith(AtomicFile.TemporaryEnding, StringComparison.Ordinal) || (isSnapshot && !named.Contains(name)))
            {
                _files.Delete(System.IO.Path.Combine(Path, name));
            }
        }

        try
        {
            foreach (var name in _files.List(CheckpointsPath).Where(name => name.EndsWith(AtomicFile.TemporaryEnding, StringComparison.Ordinal)))
            {
                _files.Delete(System.IO.Path.Combine(CheckpointsPath, name));
            }
        }
        catch (DirectoryNotFoundException)
        {
        }
    }

    /// <summary>Replaces the manifest, durably.</summary>
    /// <exception cref="StorageFullException">It is not on disk; the one before counts.</exception>
    /// <exception cref="StorageFailedException">The one before counts in here; after a crash it may be either.</exception>
    public void Replace(Manifest manifest)
    {
        RecordFile.Write(_files, System.IO.Path.Combine(Path, ManifestName), manifest);
        Manifest = manifest;
    }

    /// <summary>The path of a snapshot.</summary>
    public string PathOf(SnapshotEntry entry) => System.IO.Path.Combine(Path, entry.FileName);

    /// <summary>Writes a snapshot, and the manifest that names it; then drops what is not kept. Durable when it returns.</summary>
    /// <exception cref="StorageException">It is not on disk; what was there before is there still.</exception>
    public SnapshotEntry Add(SafetensorsImage image, SessionState state, DateTimeOffset time, int kept, long keptEvery, Pace? pace = null)
    {
        // 1. A file of another name than all that a manifest names: those stay as they are, whatever comes.
        var begin = string.Create(CultureInfo.InvariantCulture, $"{SnapshotBegin}{state.Version}");
        var name = begin + Ending;
        for (var number = 2; _uncertain.Contains(name) || Manifest.Snapshots.Any(taken => taken.FileName == name); number++)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{begin}.{number}{Ending}");
        }

        var entry = new SnapshotEntry
        {
            FileName = name,
            Version = state.Version,
            Iterations = state.Groups[0].Iterations,
            LogSequence = state.LogSequence,
            SizeBytes = (ulong)image.Length,
            HeaderCrc32C = StateFile.Write(_files, System.IO.Path.Combine(Path, name), image, pace),
            CreateTime = Timestamp.FromDateTimeOffset(time),
        };

        // 2. From here on it is the one that counts.
        var (keep, drop) = SnapshotRetention.Split([entry, .. Manifest.Snapshots], kept, keptEvery);
        var manifest = Manifest.Clone();
        manifest.Clean = false;
        manifest.Generation = Math.Max(manifest.Generation, state.Generation);
        manifest.Snapshots.Clear();
        manifest.Snapshots.Add(keep);
        try
        {
            Replace(manifest);
        }
        catch (StorageFullException)
        {
            // It is not on disk: nobody speaks of the file, and there is little room.
            TryDelete(entry);
            throw;
        }
        catch (StorageFailedException)
        {
            _uncertain.Add(name);
            throw;
        }

        // 3. What is left over is deleted at the next start.
        foreach (var old in drop)
        {
            TryDelete(old);
        }

        return entry;
    }

    /// <summary>Takes the folder away, durably, if it is there or half there; then deletes what is in it. Nothing may be written any more.</summary>
    /// <exception cref="StorageException">It is not away.</exception>
    public void Delete()
    {
        if (!IsDeleted)
        {
            Delete(_files, Path);
            IsDeleted = true;
        }
    }

    /// <summary>The same for a folder that was not opened.</summary>
    /// <exception cref="StorageException">It is not away.</exception>
    public static void Delete(FileSystem files, string path)
    {
        var isThere = Directory.Exists(path);

        // Once more, if it is away and was not known to be durably.
        var isAway = Directory.Exists(path + DeletedEnding);
        if (!isThere && !isAway)
        {
            return;
        }

        if (!isAway)
        {
            files.Rename(path, path + DeletedEnding);
        }

        files.SyncDirectory(System.IO.Path.GetDirectoryName(path)!);
        Remove(path + DeletedEnding);
    }

    /// <summary>What the names of folders end with that are being deleted.</summary>
    public const string DeletedEnding = ".deleted";

    /// <summary>Deletes a folder that is no session's any more. What cannot be deleted is left for the next start.</summary>
    public static void Remove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
        }
    }

    private void TryDelete(SnapshotEntry entry)
    {
        try
        {
            _files.Delete(PathOf(entry));
        }
        catch (StorageException)
        {
        }
    }

    private static string IdIn(FileSystem files, string path)
    {
        try
        {
            using var file = files.Open(path, FileUse.Read);
            return StateFile.ReadHeader(file, null).State.Definition?.SessionId ?? "";
        }
        catch (Exception damaged) when (damaged is SafetensorsException or StorageException or FileNotFoundException)
        {
            return "";
        }
    }
}
