using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Adam.Service.Configuration;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Safetensors;
using Adam.V1;
using Google.Protobuf;
using Microsoft.Extensions.Options;
using Manifest = Adam.Storage.V1.Manifest;
using SnapshotEntry = Adam.Storage.V1.SnapshotEntry;
using Stored = Adam.Storage.V1;

namespace Adam.Service.Durability;

/// <summary>The snapshots of all sessions on disk.</summary>
internal sealed class SnapshotStore(
    DataDirectory directory, IOptions<DurabilityOptions> options, TimeProvider time, ILogger<SnapshotStore> logger)
{
    private readonly ConcurrentDictionary<ByteString, SessionFolder> _folders = new();

    /// <summary>Whether there is a place for them.</summary>
    public bool IsOn => directory.IsOn;

    /// <summary>Makes all sessions again that are on disk; nothing is written of those that have snapshots. Called once, before there are any.</summary>
    /// <param name="maker">What makes them.</param>
    /// <param name="progress">Told how many are done, and of how many.</param>
    /// <param name="cancellationToken">Ends the loading.</param>
    /// <returns>What became of each. Sessions without a snapshot are not among them.</returns>
    /// <exception cref="StorageException">The directory itself cannot be read.</exception>
    public async Task<IReadOnlyList<LoadedSession>> LoadAllAsync(
        ISessionMaker maker, Action<int, int> progress, CancellationToken cancellationToken)
    {
        var loaded = new ConcurrentBag<LoadedSession>();
        var names = directory.Files.List(directory.SessionsPath).Order(StringComparer.Ordinal).ToList();
        var done = 0;
        progress(0, names.Count);
        await Parallel.ForEachAsync(names, cancellationToken, async (name, _) =>
        {
            // A disk keeps its caller waiting, which must not be one of the pool's few threads.
            if (await Background.RunAsync(() => Load(name, maker)) is { } session)
            {
                loaded.Add(session);
            }

            progress(Interlocked.Increment(ref done), names.Count);
        });
        return [.. loaded.OrderBy(session => session.SessionId, StringComparer.Ordinal)];
    }

    /// <summary>The folder of a session, if it has one.</summary>
    public SessionFolder? Find(ByteString uid) => _folders.GetValueOrDefault(uid) is { IsMade: true } folder ? folder : null;

    /// <summary>The folder of a session that is not in memory, by its id; of several the newest.</summary>
    public SessionFolder? FindById(string sessionId) => _folders.Values
        .Where(folder => folder.IsMade && folder.Manifest.SessionId == sessionId)
        .OrderByDescending(folder => Directory.GetLastWriteTimeUtc(folder.Path))
        .FirstOrDefault();

    /// <summary>
    /// Notes that a session is in use from now on: after the next crash it cannot pass for the one that it is now. Durable; called before anybody hears of it.
    /// </summary>
    /// <exception cref="StorageException">It is not on disk.</exception>
    public Task BeginUseAsync(RestoredSession restored) => Background.RunAsync(() =>
    {
        BeginUse(_folders[restored.Session.Uid], restored.Snapshot, restored.Session.Generation);
        return true;
    });

    /// <summary>Writes a snapshot. It is durable when the task ends.</summary>
    /// <returns>The manifest that names it, newest first.</returns>
    /// <exception cref="StorageException">It is not on disk; what was there before is there still.</exception>
    /// <exception cref="ServiceException">SESSION_DELETED.</exception>
    public Task<Manifest> SaveAsync(SessionActor session, StateCopy copy) => InFolderAsync(
        session,
        folder =>
        {
            folder.Add(
                StateImage.Of(copy, time.GetUtcNow()), copy.State, time.GetUtcNow(), options.Value.SnapshotsKept, options.Value.SnapshotsKeptEvery, copy.Pace);
            return folder.Manifest;
        },
        copy.IsLarge);

    /// <summary>Notes that the newest snapshot has everything, and that nothing will change any more before the service stops.</summary>
    /// <exception cref="StorageException">It is not on disk.</exception>
    /// <exception cref="ServiceException">SESSION_DELETED.</exception>
    public Task MarkCleanAsync(SessionActor session) => InFolderAsync(session, folder =>
    {
        var manifest = folder.Manifest.Clone();
        manifest.Clean = true;
        manifest.Generation = session.Generation;
        folder.Replace(manifest);
        return true;
    });

    /// <summary>Finds a generation for a session whose past is about to become another one. Durable: no later start gives it to anybody else.</summary>
    /// <exception cref="StorageException">It is not on disk.</exception>
    /// <exception cref="ServiceException">SESSION_DELETED.</exception>
    public Task<ulong> NextGenerationAsync(SessionActor session) => InFolderAsync(session, folder =>
    {
        var manifest = folder.Manifest.Clone();
        manifest.Generation = Math.Max(manifest.Generation, session.Generation) + 1;
        folder.Replace(manifest);
        return manifest.Generation;
    });

    /// <summary>
    /// Deletes everything of a session, durably. The session has ended, or is not in memory: nothing is written of it any more, and what is being written
    /// now is waited for.
    /// </summary>
    /// <exception cref="StorageException">It is there still.</exception>
    public async Task DeleteAsync(ByteString uid)
    {
        if (!directory.IsOn || uid.IsEmpty)
        {
            return;
        }

        if (!_folders.TryGetValue(uid, out var folder))
        {
            // One that was set aside, if it is there at all. Nobody makes a folder that is not among the others.
            await Background.RunAsync(() =>
            {
                SessionFolder.Delete(directory.Files, Path.Combine(directory.SessionsPath, SessionFolder.NameOf(uid)));
                return true;
            });
            return;
        }

        await folder.Turn.WaitAsync();
        try
        {
            await Background.RunAsync(() =>
            {
                folder.Delete();
                return true;
            });
            _folders.TryRemove(KeyValuePair.Create(uid, folder));
        }
        finally
        {
            folder.Turn.Release();
        }
    }

    /// <summary>Does something in the folder of a session, which is made if it is not there; one at a time, on a thread that may wait.</summary>
    /// <param name="session">The session.</param>
    /// <param name="work">What.</param>
    /// <param name="isPatient">Whether it may take its time: see <see cref="Background.RunPatientlyAsync"/>.</param>
    /// <exception cref="ServiceException">SESSION_DELETED, or whatever <paramref name="work"/> refuses.</exception>
    public async Task<T> InFolderAsync<T>(SessionActor session, Func<SessionFolder, T> work, bool isPatient = false)
    {
        // It is among the others before it is on disk: whoever deletes the session meanwhile waits for its turn.
        var folder = _folders.GetOrAdd(session.Uid, static (_, of) => of.Store.FolderOf(of.Session), (Store: this, Session: session));
        await folder.Turn.WaitAsync();
        try
        {
            if (folder.IsDeleted || session.Ended.IsCancellationRequested)
            {
                ForgetUnmade(session.Uid, folder);
                throw session.DeletedError();
            }

            return await (isPatient ? Background.RunPatientlyAsync(Work) : Background.RunAsync(Work));
        }
        finally
        {
            folder.Turn.Release();
        }

        T Work()
        {
            folder.Make();
            return work(folder);
        }
    }

    // The deletion of its session was here before it was.
    private void ForgetUnmade(ByteString uid, SessionFolder folder)
    {
        if (!folder.IsMade)
        {
            _folders.TryRemove(KeyValuePair.Create(uid, folder));
        }
    }

    private SessionFolder FolderOf(SessionActor session) => SessionFolder.Of(
        directory.Files,
        directory.SessionsPath,
        new Manifest
        {
            Format = SessionFolder.Format,
            SessionUid = session.Uid,
            SessionId = session.Definition.SessionId,
            Tier = session.Definition.Tier,
            Generation = session.Generation,
        });

    private LoadedSession? Load(string name, ISessionMaker maker)
    {
        var path = Path.Combine(directory.SessionsPath, name);
        if (name.EndsWith(SessionFolder.DeletedEnding, StringComparison.Ordinal))
        {
            SessionFolder.Remove(path);
            return null;
        }

        SessionFolder? folder;
        try
        {
            folder = SessionFolder.Open(directory.Files, path);
        }
        catch (Exception damaged) when (damaged is InvalidDataException or StorageException or DirectoryNotFoundException)
        {
            return new DamagedSession(SessionFolder.FindId(directory.Files, path), UidOf(name), [damaged.Message]);
        }

        if (folder is null)
        {
            SessionFolder.Remove(path);
            return null;
        }

        return Load(folder, maker);
    }

    private LoadedSession? Load(SessionFolder folder, ISessionMaker maker)
    {
        var (manifest, findings) = (folder.Manifest, new List<string>());
        try
        {
            foreach (var entry in manifest.Snapshots)
            {
                if (TryLoad(folder, entry, maker, findings, out var session))
                {
                    _folders[session.Uid] = folder;
                    return new RestoredSession(session, entry, findings) { IsComplete = manifest.Clean && findings.Count == 0 };
                }
            }

            if (manifest.Snapshots.Count > 0)
            {
                return new DamagedSession(manifest.SessionId, manifest.SessionUid, findings);
            }

            // Nobody was told that anything of it would survive; but its checkpoints have, if it has any.
            folder.Tidy();
            if (manifest.Tier != DurabilityTier.Log && !folder.HasCheckpoints)
            {
                folder.Delete();
                return null;
            }

            _folders[manifest.SessionUid] = folder;
            return null;
        }
        catch (Exception failed) when (failed is StorageException or ServiceException or OutOfMemoryException)
        {
            // The disk takes nothing, or the service is too small now: an older snapshot would not help, and would lose what a newer one has.
            return new DamagedSession(manifest.SessionId, manifest.SessionUid, [.. findings, failed.Message]);
        }
    }

    private bool TryLoad(
        SessionFolder folder, SnapshotEntry entry, ISessionMaker maker, List<string> findings, [NotNullWhen(true)] out SessionActor? session)
    {
        session = null;
        try
        {
            session = SnapshotFile.Load(directory.Files, folder.PathOf(entry), entry, maker, state =>
                state.SessionUid == folder.Manifest.SessionUid
                    ? NextGeneration(folder.Manifest, state, isNewest: findings.Count == 0)
                    : throw new SessionRecordException("session_uid: it is the snapshot of another session."));
            session.NoteSnapshot(entry.Version);
            return true;
        }
        catch (Exception damaged) when (damaged is SafetensorsException or SessionRecordException or FileNotFoundException or StorageException)
        {
            findings.Add($"{folder.PathOf(entry)}: {damaged.Message}");
            DurabilityLog.Damaged(logger, folder.Manifest.SessionId, findings[^1]);
            return false;
        }
    }

    // Where every change is in the log, the past is what it was. Elsewhere it is only if the service stopped in order and the newest snapshot is intact.
    private static ulong NextGeneration(Manifest manifest, Stored.SessionState state, bool isNewest)
    {
        if (manifest.Tier == DurabilityTier.Log)
        {
            // The log raises it where it was raised: the manifest may speak of a restore that was never made.
            return state.Generation;
        }

        var last = Math.Max(manifest.Generation, state.Generation);
        return manifest.Clean && isNewest ? last : last + 1;
    }

    private static void BeginUse(SessionFolder folder, SnapshotEntry from, ulong generation)
    {
        var manifest = folder.Manifest.Clone();
        manifest.Clean = false;
        manifest.Generation = Math.Max(manifest.Generation, generation);
        while (manifest.Snapshots[0].FileName != from.FileName)
        {
            // What is damaged stays beside the others, under a name that nobody reads.
            SetAside(folder.PathOf(manifest.Snapshots[0]));
            manifest.Snapshots.RemoveAt(0);
        }

        folder.Replace(manifest);
        folder.Tidy();
    }

    private static void SetAside(string path)
    {
        try
        {
            File.Move(path, path + ".damaged", overwrite: true);
        }
        catch (IOException)
        {
        }
    }

    private static ByteString UidOf(string name)
    {
        try
        {
            return name.Length == 2 * SessionIdentity.UidBytes ? ByteString.CopyFrom(Convert.FromHexString(name)) : ByteString.Empty;
        }
        catch (FormatException)
        {
            return ByteString.Empty;
        }
    }
}
