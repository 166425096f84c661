using System.Collections.Immutable;
using System.Globalization;
using Adam.Service.Storage.Files;
using Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>
/// The record of the data directory as a whole, kept twice: <c>node</c> and <c>node.copy</c>. Both are on disk before anything is done that relies on them, so
/// that either of them, if it is intact, has all that counts.
/// </summary>
/// <param name="files">The file system.</param>
/// <param name="directory">The data directory.</param>
internal sealed class NodeFile(FileSystem files, string directory)
{
    private const uint Format = 1;

    private readonly List<string> _faults = [];

    /// <summary>The names of the two.</summary>
    public static ImmutableArray<string> Names { get; } = ["node", "node.copy"];

    /// <summary>What is wrong with the one that was not used, in sentences.</summary>
    public IReadOnlyList<string> Faults => _faults;

    /// <summary>A record that nothing has happened to.</summary>
    public static NodeRecord Begin() => new() { Format = Format };

    /// <summary>Reads what is there.</summary>
    /// <returns>Null if there is neither.</returns>
    /// <exception cref="InvalidDataException">None that is there can be read, or one is of another build.</exception>
    public NodeRecord? Read()
    {
        List<NodeRecord> records = [.. Names.Select(TryRead).OfType<NodeRecord>()];
        if (records.Count == 0)
        {
            return _faults.Count == 0
                ? null
                : throw new InvalidDataException(
                    $"{string.Join(" ", _faults)} How often a service has started here is not known, so that epochs of workers could come back. {WayOut}");
        }

        return new NodeRecord
        {
            Format = Format,
            Starts = records.Max(static record => record.Starts),
            NewestSegment = records.Max(static record => record.NewestSegment),
        };
    }

    /// <summary>Writes both.</summary>
    /// <exception cref="StorageException">They are not both on disk.</exception>
    public void Write(NodeRecord record)
    {
        foreach (var name in Names)
        {
            RecordFile.Write(files, Path.Combine(directory, name), record);
        }
    }

    /// <summary>What to do where neither can be had.</summary>
    public static string WayOut =>
        "Restore one of them as the last start left it. If that cannot be had, start a service on an empty directory, and bring the sessions over from the "
        + "snapshots here with 'AdamService checkpoint import --file'.";

    // Null if it is not there, or damaged.
    private NodeRecord? TryRead(string name)
    {
        var path = Path.Combine(directory, name);
        NodeRecord record;
        try
        {
            record = RecordFile.Read(files, path, NodeRecord.Parser);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (Exception damaged) when (damaged is InvalidDataException or StorageException)
        {
            _faults.Add(damaged.Message);
            return null;
        }

        return record.Format == Format
            ? record
            : throw new InvalidDataException(string.Create(
                CultureInfo.InvariantCulture, $"{path} is of format {record.Format}, and this build knows {Format}: use the build that wrote it, or a later one."));
    }
}
