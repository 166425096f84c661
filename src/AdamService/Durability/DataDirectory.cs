using System.Globalization;
using Adam.Service.Configuration;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Microsoft.Extensions.Options;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>
/// The directory in which the service keeps things: <c>lock</c>, so that it has one service at a time; <c>node</c>, which counts the starts;
/// <c>sessions/UID</c>, a folder for each session; <c>log</c>, the step log of all.
/// </summary>
internal sealed class DataDirectory(IOptions<DurabilityOptions> options, FileSystem files, StartCount starts) : IDisposable
{
    private const uint Format = 1;

    private LockFile? _lock;

    /// <summary>Whether the service keeps anything.</summary>
    public bool IsOn => options.Value.Directory.Length > 0;

    /// <summary>Its path, absolute.</summary>
    public string Path => System.IO.Path.GetFullPath(options.Value.Directory);

    /// <summary>Where the folders of the sessions are.</summary>
    public string SessionsPath => System.IO.Path.Combine(Path, "sessions");

    /// <summary>Where the step log is.</summary>
    public string LogPath => System.IO.Path.Combine(Path, "log");

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
        var node = ReadNode();
        node.Starts++;

        // Durable before the first epoch is given out.
        RecordFile.Write(files, NodePath, node);
        starts.Starts = node.Starts;
    }

    public void Dispose() => _lock?.Dispose();

    private string NodePath => System.IO.Path.Combine(Path, "node");

    private Stored.NodeRecord ReadNode()
    {
        Stored.NodeRecord node;
        try
        {
            node = RecordFile.Read(files, NodePath, Stored.NodeRecord.Parser);
        }
        catch (FileNotFoundException)
        {
            if (files.List(SessionsPath).Count > 0)
            {
                throw new InvalidDataException(
                    $"{NodePath} is missing, but {SessionsPath} has sessions: epochs of workers could come back. Restore it from where it was lost.");
            }

            return new Stored.NodeRecord { Format = Format };
        }

        return node.Format == Format
            ? node
            : throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"{NodePath} is of format {node.Format}, and this build knows {Format}: use the build that wrote it, or a later one."));
    }
}
