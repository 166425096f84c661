using Adam.Service.Storage.Files;
using Fault = Adam.Service.Tests.Storage.Files.SimulatedDisk.Fault;

namespace Adam.Service.Tests.Storage.Files;

public sealed class AtomicFileTests
{
    private static readonly byte[] Before = [.. Enumerable.Repeat((byte)1, 700)];
    private static readonly byte[] After = [.. Enumerable.Repeat((byte)2, 1500)];

    [Theory]
    [InlineData(Errno.Io)]
    [InlineData(Errno.NoSpace)]
    [InlineData(Errno.Quota)]
    [InlineData(0)]
    public void Write_NthOperationFails_OneContentOrTheOtherIsThereWholly(int errno)
    {
        for (var n = 1; ; n++)
        {
            var disk = new SimulatedDisk { ["/f"] = Before };
            var isHit = false;
            disk.FaultAt = (operation, _) => (isHit |= operation == n) && operation == n ? new Fault(errno, errno == 0) : null;
            var error = Record.Exception(() => AtomicFile.Write(new FileSystem(disk), "/f", After));

            Assert.Equal(error is null, !isHit || errno == 0);
            Assert.True(error is null or StorageException);
            Assert.Equal(0, disk.OpenFiles);
            for (var seed = 0; seed < 10; seed++)
            {
                foreach (var copy in new[] { disk.Copy(), disk.AfterPowerCut(seed) })
                {
                    Assert.True(copy["/f"].SequenceEqual(After) || (error is not null && copy["/f"].SequenceEqual(Before)));
                }
            }

            // A refusal has changed nothing.
            if (error is StorageFullException)
            {
                Assert.Equal(Before, disk["/f"]);
            }

            if (!isHit)
            {
                Assert.True(n > 4);
                return;
            }
        }
    }

    [Fact]
    public void Write_PowerIsCutAtEveryOperation_OneContentOrTheOtherIsThereWholly()
    {
        for (var n = 1; n <= 6; n++)
        {
            var disk = new SimulatedDisk { ["/f"] = Before };
            var copies = new List<SimulatedDisk>();
            disk.FaultAt = (operation, _) =>
            {
                copies.AddRange(operation == n ? Enumerable.Range(0, 20).Select(disk.AfterPowerCut) : []);
                return null;
            };
            AtomicFile.Write(new FileSystem(disk), "/f", After);

            Assert.All(copies, copy => Assert.True(copy["/f"].SequenceEqual(Before) || copy["/f"].SequenceEqual(After)));
        }
    }

    // No room for the names is no refusal: the file may be there after a crash, and may not.
    [Fact]
    public void Write_NoRoomWhenTheDirectoryIsSynchronised_IsAFailure()
    {
        var disk = new SimulatedDisk { ["/f"] = Before, FaultAt = (_, what) => what == "fsync of directory" ? new Fault(Errno.NoSpace) : null };

        Assert.Throws<StorageFailedException>(() => AtomicFile.Write(new FileSystem(disk), "/f", After));

        Assert.Equal(After, disk["/f"]);
        Assert.Contains(Before, Enumerable.Range(0, 10).Select(seed => disk.AfterPowerCut(seed)["/f"]));
    }

    [Fact]
    public void Dispose_NotCommitted_LeavesNothing()
    {
        var disk = new SimulatedDisk { ["/f"] = Before };
        using (var file = AtomicFile.Begin(new FileSystem(disk), "/f"))
        {
            file.Content.Write(After, 0);
        }

        Assert.Equal(["/f"], disk.Paths);
        Assert.Equal(Before, disk["/f"]);
    }
}
