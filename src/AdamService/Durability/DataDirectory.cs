using Adam.Service.Configuration;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Microsoft.Extensions.Options;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>
/// The directory in which the service keeps things: <c>lock</c>, so that it has one service at a time; <c>node</c> and its copy, which count the starts;
/// <c>sessions/UID</c>, a folder for each session; <c>log</c>, the step log of all; <c>reserve</c>, room for deletions on a full disk.
/// </summary>
internal sealed class DataDirectory(IOptions<DurabilityOptions> options, FileSystem files, StartCount starts) : IDisposable
{
    private readonly Lock _writing = new();
    private LockFile? _lock;
    private NodeFile? _nodeFile;
    private Stored.NodeRecord _node = NodeFile.Begin();

    /// <summary>Whether the service keeps anything.</summary>
    public bool IsOn => options.Value.Directory.Length > 0;

    /// <summary>Its path, absolute.</summary>
    public string Path => System.IO.Path.GetFullPath(options.Value.Directory);

    /// <summary>Where the folders of the sessions are.</summary>
    public string SessionsPath => System.IO.Path.Combine(Path, "sessions");

    /// <summary>Where the step log is.</summary>
    public string LogPath => System.IO.Path.Combine(Path, "log");

    /// <summary>Where the room is that deletions may use.</summary>
    public string ReservePath => System.IO.Path.Combine(Path, "reserve");

    /// <summary>The first record of the newest segment of the step log, as far as that was noted; 0 if none was.</summary>
    public ulong NewestSegment => _node.NewestSegment;

    /// <summary>What is wrong with the directory's own record and did no harm, in sentences.</summary>
    public IReadOnlyList<string> NodeFaults => Node.Faults;

    /// <summary>The way to its files.</summary>
    public FileSystem Files => files;

    /// <summary>Makes the directory if it is not there, takes it, and counts the start.</summary>
    /// <exception cref="StorageInUseException">Another service has it.</exception>
    /// <exception cref="StorageException">It cannot be used.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a later build.</exception>
    public void Open()
    {
        files.CreateDirectory(SessionsPath);
        files.CreateDirectory(LogPath);
        _lock = LockFile.Acquire(files, System.IO.Path.Combine(Path, "lock"));
        _node = ReadNode();
        _node.Starts++;

        // Durable before the first epoch is given out.
        Node.Write(_node);
        starts.Starts = _node.Starts;
    }

    /// <summary>Notes, durably, that the step log has a segment: a log that ends before it has lost some.</summary>
    /// <param name="firstLsn">Its first record.</param>
    /// <exception cref="StorageException">It is not on disk.</exception>
    public void NoteSegment(ulong firstLsn)
    {
        lock (_writing)
        {
            if (_node.NewestSegment < firstLsn)
            {
                var node = _node.Clone();
                node.NewestSegment = firstLsn;
                Node.Write(node);
                _node = node;
            }
        }
    }

    public void Dispose() => _lock?.Dispose();

    private NodeFile Node => _nodeFile ??= new NodeFile(files, Path);

    private Stored.NodeRecord ReadNode()
    {
        var node = Node.Read();
        return node is null && files.List(SessionsPath).Count > 0
            ? throw new InvalidDataException(
                $"{System.IO.Path.Combine(Path, NodeFile.Names[0])} and its copy are missing, but {SessionsPath} has sessions: epochs of workers could come back. "
                + NodeFile.WayOut)
            : node ?? NodeFile.Begin();
    }
}
