using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using static Adam.Service.Tests.Storage.Files.SimulatedDisk;

namespace Adam.Service.Tests.Storage.Log;

public sealed class SegmentBufferTests
{
    private static readonly StepLogOptions _options = new();

    // Records of less than, exactly, and more than a page, and large ones, behind which the last page is not known.
    private static readonly int[] _payloads = [8, 4096 - 64 - 64 - 8, 5000, 64, 100_000, 16, 24, 70_000, 80_000, 3, 60_000, 8192 - 72];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Append_AllSizesInTurn_AreThereAtEachPowerCut(bool allowsDirect)
    {
        var disk = new SimulatedDisk { AllowsDirect = allowsDirect };
        using var log = LogBed.Open(disk, _options);
        var appended = new List<(ulong, int)>();
        for (var id = 1; id <= 3 * _payloads.Length; id++)
        {
            appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(id, 8, _payloads[id % _payloads.Length])));

            Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(id)));
        }

        Assert.Equal(allowsDirect, disk.DirectBytes > 0);
    }

    [Fact]
    public async Task Append_SmallRecords_AreWrittenInPagesOverZerosThatAreThere()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk, _options);
        await LogBed.AppendAsync(log, new TestRecord(1), new TestRecord(51));
        var (path, length) = (disk.Paths[0], disk[disk.Paths[0]].Length);
        var direct = disk.DirectBytes;

        await LogBed.AppendAsync(log, [.. Enumerable.Range(2, 49).Append(52).Select(id => new TestRecord(id, 8, 1000))]);

        Assert.Equal(length, disk[path].Length);
        Assert.True(length > SegmentBuffer.RunwayBytes);
        Assert.InRange(disk.DirectBytes - direct, 50 * 4096, 50 * 8192);
    }

    [Fact]
    public async Task Append_SegmentEnds_ZerosGoNoFurther()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk, new StepLogOptions { SegmentBytes = 10_000 });
        var appended = await LogBed.AppendAsync(log, [.. Enumerable.Range(1, 20).Select(id => new TestRecord(id, 8, 1000))]);

        // Of a segment that is full nothing is left behind its last record.
        Assert.True(disk.Paths.Length > 2);
        Assert.All(disk.Paths.SkipLast(1), path => Assert.InRange(disk[path].Length, 8000, 10_000));
        Assert.Equal(3 * 4096, disk[disk.Paths[^1]].Length);
        Assert.Equal(appended, LogBed.Records(disk));
    }

    [Fact]
    public async Task Dispose_ZerosBehindTheLastRecord_AreCutOff()
    {
        var disk = new SimulatedDisk();
        var log = LogBed.Open(disk, _options);
        await LogBed.AppendAsync(log, new TestRecord(1, 8, 100), new TestRecord(2, 8, 100));
        Assert.True(disk[disk.Paths[0]].Length > SegmentBuffer.RunwayBytes);
        log.Dispose();

        Assert.Equal(log.Bytes, disk[disk.Paths[0]].Length);
        Assert.InRange(log.Bytes, 1, 512);
    }

    [Fact]
    public async Task Open_ZerosBehindTheLastRecord_AreItsEnd()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk, _options);
        var appended = await LogBed.AppendAsync(log, new TestRecord(1), new TestRecord(2));
        Assert.True(disk[disk.Paths[0]].Length > SegmentBuffer.RunwayBytes);
        using var reader = LogBed.Read(disk.AfterPowerCut(1));

        Assert.Equal(appended, LogBed.Records(reader));
        Assert.Null(reader.Tail);
        Assert.Empty(reader.Damage);
        Assert.Empty(reader.Remarks);
    }

    [Fact]
    public async Task Append_DiskIsFull_TakesWhatFitsIntoItsZerosAndRefusesTheRest()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk, _options);
        var appended = await LogBed.AppendAsync(log, new TestRecord(0), new TestRecord(1));
        disk.Capacity = disk[disk.Paths[0]].Length;
        var id = 2;
        StorageFullException? refusal = null;
        while (refusal is null)
        {
            try
            {
                appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(id++, 8, 60_000)));
            }
            catch (StorageFullException full)
            {
                refusal = full;
            }
        }

        Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(2)));
        Assert.InRange(appended.Count - 2, SegmentBuffer.RunwayBytes / 61_000, SegmentBuffer.RunwayBytes / 60_000);
        appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(id++, 8, 100)));
        disk.Capacity = long.MaxValue;
        appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(id, 8, 60_000)));
        Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(3)));
    }

    [Fact]
    public async Task Append_SmallRecordsBetweenLargeOnes_GoThroughTheCacheWithoutZeros()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk, _options);
        var appended = await LogBed.AppendAsync(log, [.. Enumerable.Range(1, 20).Select(id => new TestRecord(id, 8, id % 2 == 0 ? 70_000 : 30))]);

        // A large record's last 63 bytes at most are not written before the next one comes.
        Assert.Equal(0, disk.DirectBytes);
        Assert.InRange(disk[disk.Paths[0]].Length, log.Bytes - 63, log.Bytes);
        Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(1)));
    }

    // The room that a deletion gives up is not for zeros.
    [Fact]
    public async Task Append_NoRoomForZeros_LeavesTheRoomToRecordsAndDoesNotAskAgain()
    {
        var disk = new SimulatedDisk();
        using var log = LogBed.Open(disk, _options);
        var appended = await LogBed.AppendAsync(log, new TestRecord(1));
        disk.Capacity = disk[disk.Paths[0]].Length + 20_000;
        appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(2), new TestRecord(3)));

        Assert.InRange(disk[disk.Paths[0]].Length, log.Bytes, log.Bytes + 4096);
        disk.Capacity = long.MaxValue;
        appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(4, 8, 5000), new TestRecord(5, 8, 5000)));
        Assert.InRange(disk[disk.Paths[0]].Length, log.Bytes, log.Bytes + 4096);
        Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(1)));
    }

    [Fact]
    public async Task Append_PagesAreCutOffAndThenThereIsNoRoom_WhatIsWhollyThereCounts()
    {
        var disk = new SimulatedDisk();
        using var isSyncing = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        using var log = LogBed.Open(disk, _options);
        var appended = await LogBed.AppendAsync(log, new TestRecord(1), new TestRecord(2));
        disk.Syncing = () =>
        {
            isSyncing.Set();
            go.Wait();
        };
        var first = log.AppendAsync(new TestRecord(3).Entry).AsTask();
        isSyncing.Wait();
        var writes = 0;
        disk.FaultAt = (_, what) => what != "write" ? null : writes++ == 0 ? new Fault(0, IsShort: true) : new Fault(Errno.NoSpace);

        // One group, of which the first call writes half.
        var tasks = Enumerable.Range(4, 3).Select(id => log.AppendAsync(new TestRecord(id, 8, 5000).Entry).AsTask()).ToArray();
        go.Set();
        appended.Add((await first, 3));
        appended.Add((await tasks[0], 4));
        await Assert.ThrowsAsync<StorageFullException>(() => tasks[1]);
        await Assert.ThrowsAsync<StorageFullException>(() => tasks[2]);

        Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(1)));
        disk.FaultAt = null;
        appended.AddRange(await LogBed.AppendAsync(log, new TestRecord(7, 8, 100)));
        Assert.Equal(appended, LogBed.Records(disk.AfterPowerCut(2)));
    }
}
