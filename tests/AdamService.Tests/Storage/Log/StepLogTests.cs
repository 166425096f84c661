using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Fault = Adam.Service.Tests.Storage.Files.SimulatedDisk.Fault;

namespace Adam.Service.Tests.Storage.Log;

public sealed class StepLogTests
{
    private readonly SimulatedDisk _disk = new();

    [Fact]
    public async Task AppendAsync_RecordsOfAllSizes_AreReadAsTheyWereWritten()
    {
        List<(ulong, int)> appended;
        using (var log = LogBed.Open(_disk, new StepLogOptions()))
        {
            appended = await LogBed.AppendAsync(
                log, new(1, 8, 0), new(2, 8, 1), new(3, 56, 8), new(4, 5000, 70_000), new(5, 8, 300_001), new(6, 70_000, 0), new(7, 70_001, 900_000), new(8));
        }

        Assert.Equal([.. Enumerable.Range(1, 8).Select(id => ((ulong)id, id))], appended);
        Assert.Equal(appended, LogBed.Records(_disk));
    }

    [Fact]
    public async Task AppendAsync_Completed_IsOnTheDisk()
    {
        using var log = LogBed.Open(_disk);
        var appended = await LogBed.AppendAsync(log, new TestRecord(1), new TestRecord(2));

        for (var seed = 0; seed < 20; seed++)
        {
            Assert.Equal(appended, LogBed.Records(_disk.AfterPowerCut(seed)));
        }

        Assert.Equal(2UL, log.SyncedLsn);
    }

    [Fact]
    public async Task AppendAsync_ManyAtOnce_ShareOneSynchronisation()
    {
        using var isSyncing = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var log = LogBed.Open(_disk, new StepLogOptions());
        _disk.Syncing = () =>
        {
            isSyncing.Set();
            go.Wait();
        };
        var first = log.AppendAsync(new TestRecord(1).Entry).AsTask();
        isSyncing.Wait();
        var before = _disk.DataSyncs;

        // While the first one is synchronised the others come.
        var others = Enumerable.Range(2, 100).Select(id => log.AppendAsync(new TestRecord(id).Entry).AsTask()).ToArray();
        Assert.False(first.IsCompleted);
        go.Set();

        Assert.Equal(1UL, await first);
        var numbers = await Task.WhenAll(others);
        Assert.Equal(Enumerable.Range(2, 100).Select(id => (ulong)id), numbers);
        Assert.Equal(2, _disk.DataSyncs - before);
        Assert.Equal((2L, 101L), (log.Syncs, log.Appended));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public async Task Append_Waiter_IsToldOnTheLogsThreadAndMayWorkThereIfTheyAreFew(int count, bool areFew)
    {
        using var isSyncing = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var log = LogBed.Open(_disk, new StepLogOptions());
        _disk.Syncing = () =>
        {
            isSyncing.Set();
            go.Wait();
        };
        var first = log.AppendAsync(new TestRecord(1).Entry).AsTask();
        isSyncing.Wait();
        var waiters = Enumerable.Range(0, count).Select(_ => new Waiter()).ToArray();
        foreach (var waiter in waiters)
        {
            log.Append(new LogEntry { SessionUid = 1, Head = new byte[4], Waiter = waiter });
        }

        go.Set();
        await first;

        var told = await Task.WhenAll(waiters.Select(waiter => waiter.Told));
        Assert.Equal(Enumerable.Range(2, count).Select(lsn => ((ulong)lsn, areFew, (string?)"Step log")), told);
    }

    [Fact]
    public async Task Append_NoRoomOrADeviceThatFails_TheWaiterIsToldWhy()
    {
        using var log = LogBed.Open(_disk, new StepLogOptions());
        await LogBed.AppendAsync(log, new TestRecord(1));
        _disk.Capacity = _disk[_disk.Paths[0]].Length;
        var (first, second) = (new Waiter(), new Waiter());

        // More than the zeros at the segment's end.
        log.Append(new LogEntry { SessionUid = 1, Head = new byte[2 * SegmentBuffer.RunwayBytes], Waiter = first });
        await Assert.ThrowsAsync<StorageFullException>(() => first.Told);
        _disk.Capacity = long.MaxValue;
        _disk.FaultAt = (_, what) => what == "fdatasync" ? new Fault(Errno.Io) : null;
        log.Append(new LogEntry { SessionUid = 1, Head = new byte[4], Waiter = second });

        await Assert.ThrowsAsync<StorageFailedException>(() => second.Told);
    }

    [Fact]
    public async Task AppendLazily_AloneOrWithOthers_BecomesDurable()
    {
        using var log = LogBed.Open(_disk, new StepLogOptions { LazyDelay = TimeSpan.FromMilliseconds(1) });
        var alone = new TestRecord(1);
        log.AppendLazily(alone.Entry);
        Assert.Equal(1UL, await alone.Entry.Completion);

        using var patient = LogBed.Open(new SimulatedDisk(), new StepLogOptions { LazyDelay = TimeSpan.FromHours(1) });
        var lazy = new TestRecord(2);
        patient.AppendLazily(lazy.Entry);
        Assert.Equal(2UL, await patient.AppendAsync(new TestRecord(3).Entry));
        Assert.True(lazy.Entry.Completion.IsCompleted);
        Assert.Equal(1L, patient.Syncs);
    }

    [Fact]
    public async Task AppendAsync_TheSameEntryAgain_IsAnotherRecord()
    {
        using var log = LogBed.Open(_disk);
        var record = new TestRecord(7);

        Assert.Equal(1UL, await log.AppendAsync(record.Entry));
        Assert.Equal(2UL, await log.AppendAsync(record.Entry));

        Assert.Equal([(1UL, 7), (2UL, 7)], LogBed.Records(_disk));
    }

    [Fact]
    public async Task AppendAsync_WhoWaitsBlocks_TheLogGoesOn()
    {
        using var log = LogBed.Open(_disk);
        using var go = new ManualResetEventSlim();
        var blocked = Task.Run(async () =>
        {
            await log.AppendAsync(new TestRecord(1).Entry).ConfigureAwait(false);
            Assert.NotEqual("Step log", Thread.CurrentThread.Name);
            go.Wait();
        });

        for (var id = 2; id < 10; id++)
        {
            await log.AppendAsync(new TestRecord(id).Entry);
        }

        go.Set();
        await blocked;
    }

    [Fact]
    public async Task AppendAsync_NotARecord_IsRefusedWithAReason()
    {
        using var log = LogBed.Open(_disk);

        Assert.Contains("uid", (await Assert.ThrowsAsync<ArgumentException>(async () => await log.AppendAsync(new LogEntry()))).Message, StringComparison.Ordinal);
        var tooLong = new LogEntry { SessionUid = 1, Head = new byte[LogFormat.HeadBytesMax + 1] };
        Assert.Contains("4194305", (await Assert.ThrowsAsync<ArgumentException>(async () => await log.AppendAsync(tooLong))).Message, StringComparison.Ordinal);
        Assert.Equal([(1UL, 1)], await LogBed.AppendAsync(log, new TestRecord(1)));
    }

    [Fact]
    public async Task AppendAsync_TooMuchWaits_IsBusyAndThenNotAnyMore()
    {
        using var isSyncing = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var log = LogBed.Open(_disk, new StepLogOptions { QueueBytesMax = 100 });
        _disk.Syncing = () =>
        {
            isSyncing.Set();
            go.Wait();
        };

        // One is taken whatever its size.
        var first = log.AppendAsync(new TestRecord(1, 8, 1000).Entry).AsTask();
        isSyncing.Wait();
        var busy = await Assert.ThrowsAsync<LogBusyException>(async () => await log.AppendAsync(new TestRecord(2, 8, 1).Entry));
        go.Set();
        await first;

        Assert.Contains("1008 bytes wait", busy.Message, StringComparison.Ordinal);
        while (log.WaitingBytes > 0)
        {
            await Task.Yield();
        }

        Assert.Equal([(2UL, 3)], await LogBed.AppendAsync(log, new TestRecord(3)));
    }

    [Fact]
    public async Task AppendAsync_SegmentIsFull_BeginsAnother()
    {
        using (var log = LogBed.Open(_disk))
        {
            // 64 + 8 + 184 = 256 bytes; then one that is larger than a segment; then a small one.
            await LogBed.AppendAsync(log, new(1, 8, 184), new(2, 8, 184), new(3, 8, 184), new(4, 8, 184), new(5, 8, 4000), new(6, 8, 0));
            Assert.Equal(
                [new LogSegment(1, 64 + (3 * 256)), new LogSegment(4, 64 + 256), new LogSegment(5, 64 + 4096), new LogSegment(6, 64 + 128)],
                log.Segments());
            Assert.Equal((64 * 4) + (4 * 256) + 4096 + 128, log.Bytes);
        }

        Assert.Equal(["/log/00000000000000000001.log", "/log/00000000000000000004.log", "/log/00000000000000000005.log", "/log/00000000000000000006.log"], _disk.Paths);
        Assert.Equal(6, LogBed.Records(_disk).Count);
    }

    [Fact]
    public async Task Release_DeletesSegmentsOfOlderRecordsOnly()
    {
        using var log = LogBed.Open(_disk);
        await LogBed.AppendAsync(log, new(1, 8, 184), new(2, 8, 184), new(3, 8, 184), new(4, 8, 184), new(5, 8, 4000), new(6, 8, 0));

        Assert.Equal((0, 1UL), (log.Release(3), log.OldestLsn));
        Assert.Equal((1, 4UL), (log.Release(4), log.OldestLsn));
        Assert.Equal((2, 6UL), (log.Release(ulong.MaxValue), log.OldestLsn));

        Assert.Equal(64 + 128, log.Bytes);
        Assert.Equal([(6UL, 6)], LogBed.Records(_disk.AfterPowerCut(1)));
        using var reader = LogBed.Read(_disk);
        Assert.Equal((6UL, 0), (reader.OldestLsn, reader.Damage.Count));
    }

    [Fact]
    public async Task Open_Again_GoesOnWithTheNextNumberInASegmentOfItsOwn()
    {
        var expected = new List<(ulong, int)>();
        for (var id = 1; id <= 5; id++)
        {
            using var log = LogBed.Open(_disk);
            expected.AddRange(await LogBed.AppendAsync(log, new TestRecord(id)));
        }

        // Each close has left a mark, which is a record too.
        Assert.Equal([1UL, 3UL, 5UL, 7UL, 9UL], expected.Select(record => record.Item1));
        Assert.Equal(expected, LogBed.Records(_disk));
        Assert.Equal(0, _disk.OpenFiles);
    }

    [Fact]
    public void Open_WithoutAppending_LeavesOneSegment()
    {
        for (var i = 0; i < 3; i++)
        {
            LogBed.Open(_disk).Dispose();
        }

        Assert.Equal(["/log/00000000000000000001.log"], _disk.Paths);
    }

    [Fact]
    public async Task Open_HigherNumbersAreKnownFromElsewhere_GoesOnBehindThem()
    {
        using (var log = LogBed.Open(_disk))
        {
            await LogBed.AppendAsync(log, new TestRecord(1));
        }

        using (var log = LogBed.Open(_disk, nextLsnMin: 1000))
        {
            Assert.Equal([(1000UL, 2)], await LogBed.AppendAsync(log, new TestRecord(2)));
        }

        using var reader = LogBed.Read(_disk);
        Assert.Equal([(1UL, 1), (1000UL, 2)], LogBed.Records(reader));
        Assert.Equal((0, 0), (reader.Damage.Count, reader.Remarks.Count));
    }

    [Fact]
    public async Task Records_FromANumber_BeginThere()
    {
        var (disk, records) = await LogBed.MakeAsync(12);
        using var reader = LogBed.Read(disk);

        for (ulong from = 0; from < 15; from++)
        {
            Assert.Equal(records.Where(record => record.Lsn >= from).Select(record => record.Lsn), reader.Records(from).Select(record => record.Lsn));
        }
    }

    [Fact]
    public async Task AppendAsync_Closed_SaysSo()
    {
        var log = LogBed.Open(_disk);
        log.Dispose();
        log.Dispose();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await log.AppendAsync(new TestRecord(1).Entry));
    }

    [Fact]
    public async Task Dispose_EntriesWait_WritesThemFirst()
    {
        var log = LogBed.Open(_disk, new StepLogOptions { LazyDelay = TimeSpan.FromHours(1) });
        var lazy = new TestRecord(1);
        log.AppendLazily(lazy.Entry);

        log.Dispose();

        Assert.Equal(1UL, await lazy.Entry.Completion);
        Assert.Equal([(1UL, 1)], LogBed.Records(_disk.AfterPowerCut(3)));
    }

    private sealed class Waiter : ILogWaiter
    {
        private readonly TaskCompletionSource<(ulong Lsn, bool IsOneOfFew, string? Thread)> _told = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<(ulong Lsn, bool IsOneOfFew, string? Thread)> Told => _told.Task;

        public void OnAppended(ulong lsn, bool isOneOfFew) => _told.SetResult((lsn, isOneOfFew, Thread.CurrentThread.Name));

        public void OnRefused(Exception error) => _told.SetException(error);
    }
}
