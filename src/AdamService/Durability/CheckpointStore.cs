using System.Globalization;
using Adam.Engine;
using Adam.Service.Errors;
using Adam.Service.Limits;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Google.Protobuf.WellKnownTypes;

namespace Adam.Service.Durability;

/// <summary>The checkpoints of all sessions: files <c>checkpoints/ID.safetensors</c> in their folders, which stay until they are deleted.</summary>
internal sealed class CheckpointStore(DataDirectory directory, SnapshotStore snapshots, MemoryBudget budget, StepThreads threads, TimeProvider time)
{
    private const string Ending = ".safetensors";

    /// <summary>Whether there is a place for them.</summary>
    public bool IsOn => directory.IsOn;

    /// <summary>Writes a session's present state under an id; durable when the task ends.</summary>
    /// <param name="session">The session.</param>
    /// <param name="id">The id, whose form was checked; empty for one that says generation and version.</param>
    /// <param name="cancellationToken">Ends the wait for the session's turn.</param>
    /// <exception cref="ServiceException">CHECKPOINT_EXISTS, LIMIT_EXCEEDED or SESSION_DELETED.</exception>
    /// <exception cref="StorageException">It is not on disk.</exception>
    public async Task<Checkpoint> SaveAsync(SessionActor session, string id, CancellationToken cancellationToken)
    {
        using var copy = await StateCopy.TakeAsync(session, budget, threads, cancellationToken);
        if (id.Length == 0)
        {
            id = string.Create(CultureInfo.InvariantCulture, $"g{copy.State.Generation}-v{copy.State.Version}");
        }

        return await snapshots.InFolderAsync(
            session,
            folder =>
            {
                var path = PathOf(folder, id);
                if (File.Exists(path))
                {
                    return Same(Describe(path, id, out var state), state, copy.State, session.Definition.SessionId);
                }

                directory.Files.CreateDirectory(folder.CheckpointsPath);
                StateFile.Write(directory.Files, path, StateImage.Of(copy, time.GetUtcNow()), copy.Pace);
                return Describe(path, id, out _);
            },
            copy.IsLarge);
    }

    /// <summary>All checkpoints of a session, newest first; those whose head is damaged last, with nothing but id and size.</summary>
    public Task<IReadOnlyList<Checkpoint>> ListAsync(SessionFolder? folder) => Background.RunAsync<IReadOnlyList<Checkpoint>>(() =>
        folder is null
            ? []
            :
            [
                .. PathsIn(folder)
                    .Select(TryDescribe)
                    .OfType<Checkpoint>()
                    .OrderByDescending(checkpoint => checkpoint.CreateTime?.ToDateTimeOffset())
                    .ThenBy(checkpoint => checkpoint.CheckpointId, StringComparer.Ordinal),
            ]);

    /// <summary>Opens a checkpoint, which the caller closes.</summary>
    /// <exception cref="ServiceException">CHECKPOINT_NOT_FOUND.</exception>
    /// <exception cref="StorageException">It cannot be opened.</exception>
    public DurableFile Open(SessionFolder? folder, string id, string sessionId)
    {
        try
        {
            return folder is not null && SessionId.IsValid(id) ? directory.Files.Open(PathOf(folder, id), FileUse.Read) : throw NotFound(id, sessionId);
        }
        catch (FileNotFoundException)
        {
            throw NotFound(id, sessionId);
        }
    }

    /// <summary>Deletes a checkpoint, durably.</summary>
    /// <exception cref="ServiceException">CHECKPOINT_NOT_FOUND.</exception>
    /// <exception cref="StorageException">It is there still, or may be after a crash.</exception>
    public async Task DeleteAsync(SessionFolder? folder, string id, string sessionId)
    {
        await Background.RunAsync(() =>
        {
            Open(folder, id, sessionId).Dispose();
            directory.Files.Delete(PathOf(folder!, id));
            try
            {
                directory.Files.SyncDirectory(folder!.CheckpointsPath);
            }
            catch (FileNotFoundException)
            {
                // The session was deleted meanwhile, with all of them.
            }

            return true;
        });
    }

    private static string PathOf(SessionFolder folder, string id) => Path.Combine(folder.CheckpointsPath, id + Ending);

    // The session may be deleted meanwhile, which takes the whole folder away.
    private static string[] PathsIn(SessionFolder folder)
    {
        try
        {
            return Directory.GetFiles(folder.CheckpointsPath, "*" + Ending);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    // Null for one that was deleted meanwhile.
    private Checkpoint? TryDescribe(string path)
    {
        try
        {
            return Describe(path, Path.GetFileNameWithoutExtension(path), out _);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private Checkpoint Describe(string path, string id, out Adam.Storage.V1.SessionState? state)
    {
        using var file = directory.Files.Open(path, FileUse.Read);
        var checkpoint = new Checkpoint { CheckpointId = id, SizeBytes = (ulong)file.Length };
        state = null;
        try
        {
            var header = StateFile.ReadHeader(file, null);
            state = header.State;
            checkpoint.Version = state.Version;
            checkpoint.Iterations = state.Groups.Count > 0 ? state.Groups[0].Iterations : 0;
            if (header.File.Metadata.TryGetValue(StateImage.TimeName, out var text)
                && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var saved))
            {
                checkpoint.CreateTime = Timestamp.FromDateTimeOffset(saved);
            }
        }
        catch (SafetensorsException)
        {
            // Whoever wants to know what is wrong asks for its verification.
        }

        return checkpoint;
    }

    private static Checkpoint Same(
        Checkpoint there, Adam.Storage.V1.SessionState? state, Adam.Storage.V1.SessionState present, string sessionId) =>
        (state?.Version, state?.Generation) == (present.Version, present.Generation)
            ? there
            : throw new ServiceException(
                ErrorReason.CheckpointExists,
                $"checkpoint_id: session '{sessionId}' has a checkpoint '{there.CheckpointId}' of version {there.Version}, and is at version "
                + $"{present.Version}. Choose another id, or delete it first.",
                ("checkpoint_id", there.CheckpointId));

    private static ServiceException NotFound(string id, string sessionId) => new(
        ErrorReason.CheckpointNotFound,
        $"checkpoint_id: session '{sessionId}' has no checkpoint '{id}'. ListCheckpoints says which there are.",
        ("checkpoint_id", id));
}
