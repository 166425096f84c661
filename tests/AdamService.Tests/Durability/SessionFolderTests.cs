using Adam.Service.Durability;
using Adam.Service.Sessions;
using Adam.Service.Storage.Files;
using Adam.Service.Tests.Storage.Files;
using Adam.Service.Tests.Support;
using Adam.Storage.V1;
using Google.Protobuf;

namespace Adam.Service.Tests.Durability;

/// <summary>Snapshots on a disk that fails at every place, and loses its power there.</summary>
public sealed class SessionFolderTests : IDisposable
{
    private readonly SessionLab _lab = new();

    public void Dispose() => _lab.Dispose();

    // Whatever call of the second snapshot fails: the folder has the first one or the second, each whole, and never none.
    [Theory]
    [InlineData(Errno.NoSpace)]
    [InlineData(Errno.Io)]
    public async Task Add_WithAFaultAtAnyCall_LeavesASnapshotThatIsWhole(int errno)
    {
        var (session, faults) = (_lab.Create(Requests.Create("s", Floats.Random(40, 1))), 0);
        for (var at = 1; ; at++)
        {
            var (disk, folder, files) = Begin(session);
            await AddAsync(files, folder, session, kept: 1);
            var version = folder.Manifest.Snapshots[0].Version;
            await SessionLab.TrainAsync(session, at, 1);
            var before = disk.Operations;
            disk.FaultAt = (operation, _) => operation == before + at ? new SimulatedDisk.Fault(errno) : null;
            bool failed;
            try
            {
                await AddAsync(files, folder, session, kept: 1);
                failed = false;
            }
            catch (StorageException)
            {
                (failed, faults) = (true, faults + 1);
            }

            disk.FaultAt = null;
            for (var seed = 0; seed < 8; seed++)
            {
                var after = new FileSystem(disk.AfterPowerCut(seed));
                var manifest = SessionFolder.Open(after, folder.Path)!.Manifest;
                var entry = Assert.Single(manifest.Snapshots);
                Assert.InRange(entry.Version, failed ? version : version + 1, version + 1);
                Read(after, folder, entry);
            }

            if (disk.Operations < before + at)
            {
                break;
            }
        }

        Assert.InRange(faults, 6, int.MaxValue);
    }

    [Fact]
    public async Task Add_OfAVersionThatIsThere_MakesAFileOfItsOwn()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        var (_, folder, files) = Begin(session);

        await AddAsync(files, folder, session);
        await AddAsync(files, folder, session);

        Assert.Equal(["snapshot-1.2.safetensors", "snapshot-1.safetensors"], folder.Manifest.Snapshots.Select(entry => entry.FileName));
    }

    // The manifest may be on disk although its directory could not be synchronised: what it names must stay as it is.
    [Fact]
    public async Task Add_AfterAManifestOfWhichItIsNotKnownWhetherItIsThere_MakesAFileOfItsOwn()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        var (disk, folder, files) = Begin(session);
        var syncs = 0;
        disk.FaultAt = (_, what) => what == "fsync of directory" && ++syncs == 2 ? new SimulatedDisk.Fault(Errno.NoSpace) : null;

        await Assert.ThrowsAsync<StorageFailedException>(() => AddAsync(files, folder, session, kept: 1));
        var onDisk = SessionFolder.Open(new FileSystem(disk.Copy()), folder.Path)!.Manifest;
        await SessionLab.TrainAsync(session, 1, 0);
        await AddAsync(files, folder, session, kept: 1);

        Assert.Equal("snapshot-1.safetensors", Assert.Single(onDisk.Snapshots).FileName);
        Read(files, folder, onDisk.Snapshots[0]);
        Assert.Equal("snapshot-1.2.safetensors", Assert.Single(folder.Manifest.Snapshots).FileName);
    }

    [Fact]
    public async Task Add_WithoutRoomForTheManifest_LeavesNothing()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        var (disk, folder, files) = Begin(session);
        var before = disk.Paths;
        disk.FaultAt = (_, what) => what == "open" && disk.Paths.Any(path => path.EndsWith("snapshot-1.safetensors", StringComparison.Ordinal))
            ? new SimulatedDisk.Fault(Errno.NoSpace)
            : null;

        await Assert.ThrowsAsync<StorageFullException>(() => AddAsync(files, folder, session));

        Assert.Equal(before, disk.Paths);
    }

    [Fact]
    public void Delete_OfAFolderThatIsAwayAlready_IsDone()
    {
        using var temporary = new TemporaryFolder();
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        var folder = SessionFolder.Of(
            FileSystem.Linux, temporary["sessions"], new Manifest { Format = SessionFolder.Format, SessionUid = session.Uid, SessionId = "s" });
        folder.Make();
        Directory.Move(folder.Path, folder.Path + SessionFolder.DeletedEnding);

        folder.Delete();

        Assert.True(folder.IsDeleted);
        Assert.Empty(Directory.GetFileSystemEntries(temporary["sessions"]));
    }

    [Fact]
    public async Task Tidy_DeletesWhatNobodyNames()
    {
        var session = _lab.Create(Requests.Create("s", [1, 2]));
        var (disk, folder, files) = Begin(session);
        await AddAsync(files, folder, session);
        disk[$"{folder.Path}/snapshot-9.safetensors"] = [1];
        disk[$"{folder.Path}/manifest.tmp"] = [1];

        SessionFolder.Open(files, folder.Path)!.Tidy();

        Assert.Equal([$"{folder.Path}/manifest", $"{folder.Path}/snapshot-1.safetensors"], disk.Paths.Where(path => path.StartsWith(folder.Path, StringComparison.Ordinal)));
    }

    [Fact]
    public void Open_OfAnyGarbledManifest_NamesIt()
    {
        var (disk, folder, files) = Begin(_lab.Create(Requests.Create("s", [1, 2])));
        var path = $"{folder.Path}/manifest";
        var intact = disk[path];
        for (var place = 0; place < intact.Length; place++)
        {
            var garbled = (byte[])intact.Clone();
            garbled[place] ^= 0x10;
            disk[path] = garbled;
            Assert.Contains(path, Assert.Throws<InvalidDataException>(() => SessionFolder.Open(files, folder.Path)).Message, StringComparison.Ordinal);
            disk[path] = intact[..place];
            Assert.Throws<InvalidDataException>(() => SessionFolder.Open(files, folder.Path));
        }
    }

    private static (SimulatedDisk Disk, SessionFolder Folder, FileSystem Files) Begin(SessionActor session)
    {
        var disk = new SimulatedDisk();
        var files = new FileSystem(disk);
        var folder = SessionFolder.Of(files, "/sessions", new Manifest { Format = SessionFolder.Format, SessionUid = session.Uid, SessionId = "s" });
        folder.Make();
        return (disk, folder, files);
    }

    private async Task AddAsync(FileSystem files, SessionFolder folder, SessionActor session, int kept = 2)
    {
        using var copy = await _lab.CopyAsync(session);
        folder.Add(StateImage.Of(copy, DateTimeOffset.UnixEpoch), copy.State, DateTimeOffset.UnixEpoch, kept, keptEvery: 0);
    }

    private static void Read(FileSystem files, SessionFolder folder, SnapshotEntry entry)
    {
        using var file = files.Open(folder.PathOf(entry), FileUse.Read);
        Assert.Equal(entry.Version, StateFile.ReadHeader(file, entry.HeaderCrc32C).State.Version);
        Assert.Equal((long)entry.SizeBytes, file.Length);
    }
}
