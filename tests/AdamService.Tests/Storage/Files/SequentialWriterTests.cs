using Adam.Service.Storage.Files;
using Fault = Adam.Service.Tests.Storage.Files.SimulatedDisk.Fault;

namespace Adam.Service.Tests.Storage.Files;

public sealed class SequentialWriterTests
{
    private const int Block = SequentialWriter.BlockBytes;

    [Theory]
    [InlineData(0, 1000)]
    [InlineData(1, 1000)]
    [InlineData(4096, 4096)]
    [InlineData(Block - 1, 65_537)]
    [InlineData(Block, Block)]
    [InlineData(Block + 1, 1 << 20)]
    [InlineData((2 * Block) + 12_345, (3 * Block) + 1)]
    public void Write_AnyLengthInAnyPieces_WholeBlocksGoPastTheCache(int length, int pieceBytes)
    {
        var (disk, content) = (new SimulatedDisk(), Content(length));
        Write(new FileSystem(disk), "/f", content, pieceBytes);

        Assert.True(content.AsSpan().SequenceEqual(disk["/f"]));
        Assert.Equal(length / Block * Block, disk.DirectBytes);

        // The same on the system's own disk, whatever it does with them.
        using var folder = new TemporaryFolder();
        Write(FileSystem.Linux, folder["f"], content, pieceBytes);
        Assert.True(content.AsSpan().SequenceEqual(File.ReadAllBytes(folder["f"])));
    }

    [Fact]
    public void Write_FileSystemHasNoWayPastTheCache_GoesThroughItAndWaitsForTheDeviceNowAndThen()
    {
        var (disk, content) = (new SimulatedDisk { AllowsDirect = false }, Content((9 * Block) + 7));

        Write(new FileSystem(disk), "/f", content, 1 << 20);

        Assert.True(content.AsSpan().SequenceEqual(disk["/f"]));
        Assert.Equal((0L, 1), (disk.DirectBytes, disk.DataSyncs));
    }

    [Fact]
    public void Write_CallIsCutOffWithinAPage_TheRestOfTheBlockGoesThroughTheCache()
    {
        var (disk, content, writes) = (new SimulatedDisk(), Content((2 * Block) + 7), 0);
        disk.FaultAt = (_, what) => what == "write" && writes++ == 0 ? new Fault(0, IsShort: true) : null;

        Write(new FileSystem(disk), "/f", content, 1 << 20);

        Assert.True(content.AsSpan().SequenceEqual(disk["/f"]));
        Assert.Equal((Block / 2) + 1 + Block, disk.DirectBytes);
    }

    [Theory]
    [InlineData(Errno.NoSpace)]
    [InlineData(Errno.Io)]
    public void Write_CallFails_Throws(int errno)
    {
        var disk = new SimulatedDisk { FaultAt = (_, what) => what == "write" ? new Fault(errno) : null };

        var error = Assert.ThrowsAny<StorageException>(() => Write(new FileSystem(disk), "/f", Content(Block), 1 << 20));

        Assert.Equal(errno == Errno.NoSpace, error is StorageFullException);
    }

    private static byte[] Content(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private static void Write(FileSystem files, string path, byte[] content, int pieceBytes)
    {
        using var file = files.Open(path, FileUse.Replace);
        using var writer = new SequentialWriter(file);
        for (var start = 0; start < content.Length; start += pieceBytes)
        {
            writer.Write(content.AsSpan(start, Math.Min(pieceBytes, content.Length - start)));
        }

        writer.Complete();
    }
}
