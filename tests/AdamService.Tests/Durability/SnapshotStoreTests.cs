using Adam.Service.Configuration;
using Adam.Service.Durability;
using Adam.Service.Errors;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.V1;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Adam.Service.Tests.Durability;

/// <summary>A session is deleted while its first snapshot is on its way, or while somebody looks at its checkpoints.</summary>
public sealed class SnapshotStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly SessionLab _lab = new();
    private readonly ManualResetEventSlim _goOn = new();
    private readonly TaskCompletionSource _isHeld = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DataDirectory _directory;
    private readonly SnapshotStore _store;
    private readonly CheckpointStore _checkpoints;
    private string _held = "nothing";
    private Action? _opening;

    public SnapshotStoreTests()
    {
        var options = Options.Create(new DurabilityOptions { Directory = _folder["data"] });
        _directory = new DataDirectory(options, new FileSystem(new WatchedDisk(Hold)), _lab.Starts);
        _directory.Open();
        _store = new SnapshotStore(_directory, options, TimeProvider.System, NullLogger<SnapshotStore>.Instance);
        _checkpoints = new CheckpointStore(_directory, _store, _lab.Budget, _lab.StepThreads, TimeProvider.System);
    }

    public void Dispose()
    {
        _goOn.Set();
        _directory.Dispose();
        _lab.Dispose();
        _folder.Dispose();
        _goOn.Dispose();
    }

    [Theory]
    [InlineData("manifest.tmp")]
    [InlineData("")]
    public async Task Delete_WhileTheFolderIsBeingMade_WaitsForIt_AndLeavesNothing(string held)
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        using var copy = await _lab.CopyAsync(session);
        _held = Path.Combine(_directory.SessionsPath, SessionFolder.NameOf(session.Uid), held).TrimEnd('/');
        var saving = _store.SaveAsync(session, copy);
        await _isHeld.Task;

        Assert.True(await session.EndAsync(isLogged: false));
        var deleting = _store.DeleteAsync(session.Uid);
        Assert.Null(_store.FindById("s"));
        Assert.False(deleting.IsCompleted);
        _goOn.Set();

        await saving;
        await deleting;
        await AssertGoneAsync(session, copy);
    }

    [Fact]
    public async Task Save_AfterTheDeletion_IsRefused_AndMakesNothing()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        using var copy = await _lab.CopyAsync(session);

        Assert.True(await session.EndAsync(isLogged: false));
        await _store.DeleteAsync(session.Uid);

        await AssertGoneAsync(session, copy);
    }

    [Fact]
    public async Task Delete_WithAFolderThatIsHalfMade_LeavesNothing()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        using var copy = await _lab.CopyAsync(session);
        Directory.CreateDirectory(Path.Combine(_directory.SessionsPath, SessionFolder.NameOf(session.Uid), "manifest.tmp"));
        await Assert.ThrowsAsync<StorageFailedException>(() => _store.SaveAsync(session, copy));
        Assert.Null(_store.Find(session.Uid));

        Assert.True(await session.EndAsync(isLogged: false));
        await _store.DeleteAsync(session.Uid);

        await AssertGoneAsync(session, copy);
    }

    [Fact]
    public async Task List_WhileTheSessionIsDeleted_IsWithoutWhatIsGone()
    {
        var (session, folder) = await SaveCheckpointsAsync();
        Assert.Equal(2, (await _checkpoints.ListAsync(folder)).Count);
        _opening = () => Directory.Move(folder.Path, folder.Path + SessionFolder.DeletedEnding);

        Assert.Empty(await _checkpoints.ListAsync(folder));
        Assert.Null(_opening);
        Assert.Empty(await _checkpoints.ListAsync(folder));
        await EndAsync(session);
    }

    [Fact]
    public async Task DeleteCheckpoint_WhileTheSessionIsDeleted_IsDone()
    {
        var (session, folder) = await SaveCheckpointsAsync();
        _held = folder.CheckpointsPath;
        var deleting = _checkpoints.DeleteAsync(folder, "one", "s");
        await _isHeld.Task;

        await EndAsync(session);
        _goOn.Set();

        await deleting;
        var refusal = await Assert.ThrowsAsync<ServiceException>(() => _checkpoints.DeleteAsync(folder, "two", "s"));
        Assert.Equal(ErrorReason.CheckpointNotFound, refusal.Reason);
    }

    private async Task<(SessionActor Session, SessionFolder Folder)> SaveCheckpointsAsync()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        await _checkpoints.SaveAsync(session, "one", CancellationToken.None);
        await _checkpoints.SaveAsync(session, "two", CancellationToken.None);
        return (session, _store.Find(session.Uid)!);
    }

    private async Task EndAsync(SessionActor session)
    {
        Assert.True(await session.EndAsync(isLogged: false));
        await _store.DeleteAsync(session.Uid);
    }

    private async Task AssertGoneAsync(SessionActor session, StateCopy copy)
    {
        Assert.Empty(Directory.GetFileSystemEntries(_directory.SessionsPath));
        var refusal = await Assert.ThrowsAsync<ServiceException>(() => _store.SaveAsync(session, copy));
        Assert.Equal(ErrorReason.SessionDeleted, refusal.Reason);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.SessionsPath));
        await _store.DeleteAsync(session.Uid);
        Assert.Empty(Directory.GetFileSystemEntries(_directory.SessionsPath));
        Assert.Null(_store.FindById("s"));
    }

    private void Hold(string path)
    {
        if (path.EndsWith(".safetensors", StringComparison.Ordinal))
        {
            Interlocked.Exchange(ref _opening, null)?.Invoke();
        }

        if (path == _held)
        {
            _isHeld.TrySetResult();
            _goOn.Wait();
        }
    }
}
