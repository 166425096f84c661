using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>Makes sessions of snapshots.</summary>
internal static class SnapshotFile
{
    /// <summary>Makes a session of one.</summary>
    /// <param name="files">The file system.</param>
    /// <param name="path">Where it is.</param>
    /// <param name="entry">What the manifest says of it.</param>
    /// <param name="maker">What makes sessions.</param>
    /// <param name="begin">Looks at the record, or gives it another identity, and says of which generation the session is. What it throws ends the making.</param>
    /// <exception cref="SafetensorsException">It is damaged.</exception>
    /// <exception cref="SessionRecordException">It is no session's, or of a later build.</exception>
    /// <exception cref="FileNotFoundException">It is not there.</exception>
    /// <exception cref="StorageException">It cannot be read.</exception>
    /// <exception cref="Errors.ServiceException">LIMIT_EXCEEDED: there is not enough memory.</exception>
    public static SessionActor Load(FileSystem files, string path, SnapshotEntry entry, ISessionMaker maker, Func<SessionState, ulong> begin)
    {
        using var file = files.Open(path, FileUse.Read);
        var header = StateFile.ReadHeader(file, entry.HeaderCrc32C);
        var generation = begin(header.State);
        var definition = maker.Define(header.State);
        return maker.Make(
            definition,
            header.State,
            generation,
            core => StateFile.ReadData(file, header, header.Begin(definition, array => core.Optimizer.Slot(array.Tensor, array.Slot))));
    }
}
