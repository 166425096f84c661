using Adam.Service.Storage.Files;
using Fault = Adam.Service.Tests.Storage.Files.SimulatedDisk.Fault;

namespace Adam.Service.Tests.Storage.Files;

public sealed class FileSystemTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FileSystem _files = FileSystem.Linux;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Write_ToARealFile_IsReadAgain()
    {
        using (var file = _files.Open(_folder["a"], FileUse.Replace))
        {
            file.Write([1, 2, 3, 4, 5], 3);
            file.Truncate(7);
            file.Sync();
            file.SyncData();
            Assert.Equal(7, file.Length);
        }

        _files.Rename(_folder["a"], _folder["b"]);
        _files.SyncDirectory(_folder.Path);
        using var again = _files.Open(_folder["b"], FileUse.Read);
        var bytes = new byte[10];
        Assert.Equal(7, again.Read(bytes, 0));
        Assert.Equal([0, 0, 0, 1, 2, 3, 4, 0, 0, 0], bytes);
        Assert.Equal(["b"], _files.List(_folder.Path));
        _files.Delete(_folder["b"]);
        _files.Delete(_folder["b"]);
        Assert.Empty(_files.List(_folder.Path));
    }

    [Fact]
    public unsafe void Write_InPieces_IsTheSameFileWhereverTheSystemStops()
    {
        byte[] all = [.. Enumerable.Range(0, 100).Select(i => (byte)i)];
        for (var most = 1; most <= 100; most++)
        {
            var calls = new ShortCalls(most);
            using var file = new FileSystem(calls).Open("/f", FileUse.Replace);
            fixed (byte* start = all)
            {
                var address = (nint)start;
                ReadOnlySpan<NativePiece> pieces = [new(address, 0), new(address, 7), new(address + 7, 1), new(address + 8, 0), new(address + 8, 92), new(address, 0)];
                file.Write(pieces, 5);
            }

            Assert.Equal([0, 0, 0, 0, 0, .. all], calls.Disk["/f"]);
        }
    }

    [Fact]
    public void Write_ToAFullDevice_IsRefused()
    {
        using var file = _files.Open("/dev/full", FileUse.Update);

        var full = Assert.Throws<StorageFullException>(() => file.Write([1], 0));

        Assert.Equal((Errno.NoSpace, 0L), (full.Errno, full.BytesWritten));
        Assert.Contains("/dev/full", full.Message, StringComparison.Ordinal);
        Assert.Contains("No space left on device", full.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Errno.NoSpace, true)]
    [InlineData(Errno.Quota, true)]
    [InlineData(Errno.ReadOnly, true)]
    [InlineData(Errno.Io, false)]
    [InlineData(9, false)]
    public void Call_Fails_IsARefusalOrAFailure(int errno, bool isRefusal)
    {
        var disk = new SimulatedDisk();
        var files = new FileSystem(disk);
        using var file = files.Open("/f", FileUse.Replace);
        disk.FaultAt = (_, _) => new Fault(errno);
        (string, Action)[] calls =
        [
            ("write", () => file.Write([1], 0)),
            ("truncate", () => file.Truncate(0)),
            ("open", () => files.Open("/g", FileUse.UpdateOrCreate)),
            ("rename", () => files.Rename("/f", "/g")),
            ("unlink", () => files.Delete("/f")),
        ];

        foreach (var (name, call) in calls)
        {
            var error = Assert.ThrowsAny<StorageException>(call);
            Assert.Equal((name, isRefusal, errno), (name, error is StorageFullException, error.Errno));
        }

        // What was not synchronised is lost, whatever the reason.
        Assert.Equal(errno, Assert.Throws<StorageFailedException>(file.Sync).Errno);
        Assert.Equal(errno, Assert.Throws<StorageFailedException>(file.SyncData).Errno);
        Assert.Equal(errno, Assert.Throws<StorageFailedException>(() => files.SyncDirectory("/")).Errno);
    }

    [Fact]
    public void Open_ASymbolicLink_IsRefused()
    {
        File.WriteAllText(_folder["secret"], "secret");
        File.CreateSymbolicLink(_folder["link"], _folder["secret"]);

        foreach (var use in new[] { FileUse.Read, FileUse.Update, FileUse.Replace, FileUse.UpdateOrCreate })
        {
            Assert.ThrowsAny<StorageException>(() => _files.Open(_folder["link"], use));
        }

        Assert.Equal("secret", File.ReadAllText(_folder["secret"]));
    }

    [Fact]
    public void Open_Missing_SaysWhich()
    {
        Assert.Contains("missing", Assert.Throws<FileNotFoundException>(() => _files.Open(_folder["missing"], FileUse.Update)).Message, StringComparison.Ordinal);
        Assert.Throws<DirectoryNotFoundException>(() => _files.List(_folder["missing"]));
    }

    [Fact]
    public void Open_New_BelongsToTheOwnerAloneAndToNoChild()
    {
        _files.CreateDirectory(_folder["a/b/c"]);
        _files.CreateDirectory(_folder["a/b/c"]);
        using var file = _files.Open(_folder["a/b/c/d"], FileUse.Replace);

#pragma warning disable CA1416 // The service runs on Linux.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file.Path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(_folder["a/b"]));
#pragma warning restore CA1416
        var descriptor = Directory.GetFiles("/proc/self/fd").Single(link => TargetOf(link) == file.Path);
        var flags = File.ReadLines($"/proc/self/fdinfo/{Path.GetFileName(descriptor)}").Single(line => line.StartsWith("flags:", StringComparison.Ordinal));
        Assert.NotEqual(0, Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & Convert.ToInt32("2000000", 8));
    }

    [Fact]
    public void Dispose_OfAFile_LaterCallsDoNotReachAnother()
    {
        var file = _files.Open(_folder["a"], FileUse.Replace);
        file.Dispose();
        using var other = _files.Open(_folder["b"], FileUse.Replace);

        Assert.Throws<ObjectDisposedException>(() => file.Write([1], 0));

        Assert.Equal(0, other.Length);
    }

    /// <summary>Writes and reads only so much at a time, and is interrupted every other time.</summary>
    private sealed unsafe class ShortCalls(int most) : IFileCalls
    {
        private int _calls;

        public SimulatedDisk Disk { get; } = new();

        public int Open(string path, FileUse use) => Disk.Open(path, use);

        public int Close(int descriptor) => Disk.Close(descriptor);

        public long Write(Descriptor file, IoVector* pieces, int count, long offset)
        {
            if (_calls++ % 2 == 0)
            {
                return -Errno.Interrupted;
            }

            var cut = stackalloc IoVector[count];
            nuint left = (nuint)most;
            for (var i = 0; i < count; i++)
            {
                cut[i] = new IoVector { Base = pieces[i].Base, Length = Math.Min(left, pieces[i].Length) };
                left -= cut[i].Length;
            }

            return Disk.Write(file, cut, count, offset);
        }

        public long Read(Descriptor file, byte* into, long length, long offset) =>
            _calls++ % 2 == 0 ? -Errno.Interrupted : Disk.Read(file, into, Math.Min(length, most), offset);

        public int Sync(Descriptor file) => Disk.Sync(file);

        public int SyncData(Descriptor file) => Disk.SyncData(file);

        public int SetDirect(Descriptor file, bool isDirect) => Disk.SetDirect(file, isDirect);

        public int BeginWriteback(Descriptor file, long offset, long length) => 0;

        public int Truncate(Descriptor file, long length) => Disk.Truncate(file, length);

        public long Length(Descriptor file) => Disk.Length(file);

        public int Lock(Descriptor file) => Disk.Lock(file);

        public int Rename(string from, string to) => Disk.Rename(from, to);

        public int Unlink(string path) => Disk.Unlink(path);

        public int MakeDirectory(string path) => Disk.MakeDirectory(path);

        public IReadOnlyList<string> List(string path) => Disk.List(path);
    }

    // Other tests close their files meanwhile.
    private static string? TargetOf(string link)
    {
        try
        {
            return File.ResolveLinkTarget(link, false)?.FullName;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
