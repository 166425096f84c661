using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Fault = Adam.Service.Tests.Storage.Files.SimulatedDisk.Fault;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>Every operation on files fails once, in each way that it can, while a log is opened, appended to, continued in another segment, pruned and closed.</summary>
public sealed class LogFaultTests
{
    private const int Groups = 8;

    public static TheoryData<string> Faults => ["EIO", "ENOSPC", "EDQUOT", "EROFS", "EINTR", "short"];

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task NthOperation_Fails_NothingAcknowledgedIsLostAndNothingRefusedComesBack(string name)
    {
        var fault = FaultOf(name);
        for (var n = 1; ; n++)
        {
            var disk = new SimulatedDisk();
            string? failed = null;
            disk.FaultAt = (operation, what) => operation == n && (failed = what) is not null ? fault : null;
            var story = await Story.RunAsync(disk);
            if (failed is null)
            {
                // It was done with fewer operations.
                Assert.True(n > 40, $"Only {n} operations");
                return;
            }

            story.AssertStatuses(fault, failed);
            disk.FaultAt = null;
            story.AssertKept(disk.Copy());
            for (var seed = 0; seed < 4; seed++)
            {
                story.AssertKept(disk.AfterPowerCut(seed));
            }

            await story.AssertGoesOnAsync(disk.Copy());
        }
    }

    [Fact]
    public async Task NthOperation_PowerIsCut_NothingAcknowledgedIsLost()
    {
        for (var n = 1; ; n++)
        {
            var disk = new SimulatedDisk();
            var after = new List<SimulatedDisk>();
            var kept = 0;
            var story = new Story();
            disk.FaultAt = (operation, _) =>
            {
                if (operation == n)
                {
                    kept = story.AcknowledgedCount;
                    after.AddRange(Enumerable.Range(n, 6).Select(disk.AfterPowerCut));
                    disk.PowerOff();
                }

                return null;
            };
            await story.RunOnAsync(disk);
            if (after.Count == 0)
            {
                return;
            }

            foreach (var copy in after)
            {
                story.AssertKept(copy, kept);
                await story.AssertGoesOnAsync(copy, kept);
            }
        }
    }

    [Fact]
    public async Task Append_DiskIsFull_RefusesWhatDoesNotFitAndGoesOnWhenThereIsRoom()
    {
        // Through the cache, byte by byte.
        var disk = new SimulatedDisk { AllowsDirect = false };
        using var isSyncing = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var log = LogBed.Open(disk, new StepLogOptions());
        disk.Syncing = () =>
        {
            isSyncing.Set();
            go.Wait();
        };
        var first = log.AppendAsync(new TestRecord(1).Entry).AsTask();
        isSyncing.Wait();
        disk.Capacity = disk[disk.Paths[0]].Length + 1000;

        // One group: 256 bytes, one that is too large for the disk, 256, 700 of the 488 that are left, 256, and one that is written without the buffer.
        TestRecord[] records = [new(2, 8, 184), new(3, 8, 2000), new(4, 8, 184), new(5, 8, 700), new(6, 8, 184), new(7, 8, 100_000)];
        var tasks = records.Select(record => log.AppendAsync(record.Entry).AsTask()).ToArray();
        go.Set();
        await first;
        foreach (var task in tasks)
        {
            await Task.WhenAny(task);
        }

        Assert.Equal([true, false, true, false, true, false], tasks.Select(task => task.IsCompletedSuccessfully));
        Assert.All(tasks.Where(task => task.IsFaulted), task => Assert.Equal(Errno.NoSpace, Assert.IsType<StorageFullException>(task.Exception!.InnerException).Errno));
        Assert.Equal([(1UL, 1), (2UL, 2), (3UL, 4), (4UL, 6)], LogBed.Records(disk.AfterPowerCut(5)));

        // What did not fit has left nothing behind.
        Assert.Equal(log.Bytes, disk[disk.Paths[0]].Length);
        disk.Capacity = long.MaxValue;
        Assert.Equal([(5UL, 3), (6UL, 7)], await LogBed.AppendAsync(log, records[1], records[5]));
        Assert.Equal([(1UL, 1), (2UL, 2), (3UL, 4), (4UL, 6), (5UL, 3), (6UL, 7)], LogBed.Records(disk.AfterPowerCut(6)));
        Assert.Null(log.Failure);
    }

    [Fact]
    public async Task Append_SynchronisationHasFailed_IsRefusedForEverWithoutAnotherTry()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk);
        await LogBed.AppendAsync(log, new TestRecord(1));
        disk.FaultAt = (_, what) => what == "fdatasync" ? new Fault(Errno.NoSpace) : null;

        // ENOSPC of a synchronisation is no refusal: what it has lost is not known.
        var failure = await Assert.ThrowsAsync<StorageFailedException>(async () => await log.AppendAsync(new TestRecord(2).Entry));
        disk.FaultAt = null;
        var operations = disk.Operations;
        for (var id = 3; id < 6; id++)
        {
            await Assert.ThrowsAsync<StorageFailedException>(async () => await log.AppendAsync(new TestRecord(id).Entry));
        }

        log.Dispose();
        Assert.Equal(operations, disk.Operations);
        Assert.Equal((Errno.NoSpace, 1UL), (failure.Errno, log.SyncedLsn));
        Assert.NotNull(log.Failure);
        Assert.Contains((1UL, 1), LogBed.Records(disk.AfterPowerCut(0)));
    }

    [Fact]
    public async Task Release_DirectoryIsNotSynchronised_FailsTheLog()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk);
        await LogBed.AppendAsync(log, new TestRecord(1, 8, 800), new TestRecord(2, 8, 800));
        disk.FaultAt = (_, what) => what == "fsync of directory" ? new Fault(Errno.Io) : null;

        Assert.Throws<StorageFailedException>(() => log.Release(2));

        await Assert.ThrowsAsync<StorageFailedException>(async () => await log.AppendAsync(new TestRecord(3).Entry));
    }

    private static Fault FaultOf(string name) => name switch
    {
        "EIO" => new Fault(Errno.Io),
        "ENOSPC" => new Fault(Errno.NoSpace),
        "EDQUOT" => new Fault(Errno.Quota),
        "EROFS" => new Fault(Errno.ReadOnly),
        "EINTR" => new Fault(Errno.Interrupted),
        _ => new Fault(0, IsShort: true),
    };

    /// <summary>What happened to a log, by what its users were told.</summary>
    private sealed class Story
    {
        private readonly Lock _lock = new();
        private readonly List<(ulong Lsn, int Id)> _acknowledged = [];
        private readonly HashSet<int> _refused = [];
        private readonly HashSet<int> _unknown = [];
        private StorageException? _openFailure;
        private ulong _released;
        private bool _acknowledgedAfterFailure;

        public int AcknowledgedCount
        {
            get
            {
                lock (_lock)
                {
                    return _acknowledged.Count;
                }
            }
        }

        public static async Task<Story> RunAsync(SimulatedDisk disk)
        {
            var story = new Story();
            await story.RunOnAsync(disk);
            return story;
        }

        public async Task RunOnAsync(SimulatedDisk disk)
        {
            for (var life = 0; life < 2; life++)
            {
                try
                {
                    using var log = LogBed.Open(disk);
                    for (var group = 0; group < Groups; group++)
                    {
                        var first = (life * 100) + (group * 3);
                        await Task.WhenAll(AppendAsync(log, new(first, 8, 20)), AppendAsync(log, new(first + 1, 30, 150)), AppendAsync(log, new(first + 2, 9, group == 3 ? 70_000 : 77)));
                        if (group == Groups / 2)
                        {
                            Release(log, AcknowledgedCount > 4 ? _acknowledged[4].Lsn : 0);
                        }
                    }
                }
                catch (StorageException failure)
                {
                    _openFailure = failure;
                }

                Assert.Equal(0, disk.OpenFiles);
            }
        }

        public void AssertStatuses(Fault fault, string failed)
        {
            if (fault.IsShort || fault.Errno == Errno.Interrupted && failed is "write" or "truncate" or "fsync" or "fdatasync" or "fsync of directory")
            {
                Assert.Equal((Groups * 6, 0, 0), (_acknowledged.Count, _refused.Count, _unknown.Count));
            }

            var isFull = fault.Errno is Errno.NoSpace or Errno.Quota or Errno.ReadOnly;
            if (isFull && !failed.Contains("sync", StringComparison.Ordinal))
            {
                // Some entries of one group, or the opening; nothing is unknown, and it goes on.
                Assert.Empty(_unknown);
                Assert.InRange(_refused.Count, 0, 3);
                Assert.True(_openFailure is null or StorageFullException);
                Assert.True(_acknowledged.Count >= Groups * 3);
            }
            else if (fault.Errno == Errno.Io)
            {
                Assert.Empty(_refused);
                Assert.True(_openFailure is null or StorageFailedException);
            }

            Assert.False(_acknowledgedAfterFailure);
        }

        public void AssertKept(SimulatedDisk disk, int count = int.MaxValue)
        {
            using var reader = LogBed.Read(disk);
            var found = LogBed.Records(reader);
            Assert.Empty(reader.Damage);
            Assert.Empty(_acknowledged.Take(count).Where(record => record.Lsn >= _released).Except(found));
            Assert.Empty(found.Select(record => record.Id).Intersect(_refused));
            Assert.Empty(found.Except(_acknowledged).Select(record => record.Id).Except(_unknown));
            Assert.Equal(found.Select(record => record.Lsn).Distinct().Order(), found.Select(record => record.Lsn));
        }

        public async Task AssertGoesOnAsync(SimulatedDisk disk, int count = int.MaxValue)
        {
            using (var log = LogBed.Open(disk))
            {
                var appended = await LogBed.AppendAsync(log, new(900), new(901));
                lock (_lock)
                {
                    _unknown.UnionWith([900, 901]);
                }

                Assert.Empty(appended.Except(LogBed.Records(disk.AfterPowerCut(1))));
            }

            AssertKept(disk.AfterPowerCut(2), count);
        }

        private void Release(StepLog log, ulong lsn)
        {
            _released = Math.Max(_released, lsn);
            try
            {
                log.Release(lsn);
            }
            catch (StorageException)
            {
            }
        }

        private async Task AppendAsync(StepLog log, TestRecord record)
        {
            var hadFailed = log.Failure is not null;
            try
            {
                var lsn = await log.AppendAsync(record.Entry);
                lock (_lock)
                {
                    _acknowledged.Add((lsn, record.Id));
                    _acknowledgedAfterFailure |= hadFailed;
                }
            }
            catch (StorageFullException)
            {
                lock (_lock)
                {
                    _refused.Add(record.Id);
                }
            }
            catch (StorageFailedException)
            {
                lock (_lock)
                {
                    _unknown.Add(record.Id);
                }
            }
        }
    }
}
