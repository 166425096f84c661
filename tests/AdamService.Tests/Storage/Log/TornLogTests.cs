using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>Files of a log that are cut off or garbled: what is read is a prefix, or the damage is named.</summary>
public sealed class TornLogTests
{
    [Fact]
    public async Task Open_LastSegmentCutOffAtEveryByte_ReadsThePrefixOrNamesTheDamage()
    {
        var (disk, records) = await MakeAsync();
        var path = disk.Paths[^1];
        var content = disk[path];
        for (var length = 0; length < content.Length; length++)
        {
            disk[path] = content[..length];
            using var reader = LogBed.Read(disk);
            var found = LogBed.Records(reader);

            Assert.Equal(records[..found.Count], found);
            if (length < LogFormat.SegmentHeaderBytes)
            {
                var damage = Assert.Single(reader.Damage);
                Assert.Equal((path, 0L), (damage.Segment, damage.Offset));
            }
            else
            {
                // Nothing is left that says that what is gone was durable.
                Assert.Empty(reader.Damage);
                Assert.Equal(found.Count > 0 ? found[^1].Lsn + 1 : 1, WithoutMark(reader));
            }
        }
    }

    [Fact]
    public async Task Open_TailCutOffAtEveryByte_GoesOnBehindThePrefix()
    {
        var (disk, records) = await MakeAsync();
        var path = disk.Paths[^1];
        var content = disk[path];
        for (var length = LogFormat.SegmentHeaderBytes; length < content.Length; length += 7)
        {
            var copy = disk.Copy();
            copy[path] = content[..length];
            var before = LogBed.Records(copy);
            List<(ulong, int)> appended;
            using (var log = LogBed.Open(copy))
            {
                appended = await LogBed.AppendAsync(log, new(1001), new(1002), new(1003, 8, 2000));
            }

            using var reader = LogBed.Read(copy.AfterPowerCut(length));
            Assert.Equal([.. before, .. appended], LogBed.Records(reader));
            Assert.Empty(reader.Damage);
            Assert.Null(reader.Tail);
            Assert.True(before.Count < records.Count || length >= content.Length - LogFormat.RecordHeaderBytes);
        }
    }

    [Fact]
    public async Task Open_OlderSegmentCutOffAtEveryByte_NamesTheDamage()
    {
        var (disk, records) = await MakeAsync();
        foreach (var path in disk.Paths[..^1])
        {
            var content = disk[path];
            for (var length = 0; length < content.Length; length++)
            {
                disk[path] = content[..length];
                using var reader = LogBed.Read(disk);
                var found = LogBed.Records(reader);

                // The padding of the last record is nothing to lose.
                Assert.Equal(found.Count < records.Count, reader.Damage.Count > 0);
                Assert.All(reader.Damage, damage => Assert.Equal(path, damage.Segment));
                Assert.Equal(records.Where(record => !IsIn(record.Lsn, reader.Damage)), found);
                Assert.Null(reader.Tail);
            }

            disk[path] = content;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_EveryByteGarbled_LosesNoOtherRecordAndNamesTheDamage(bool isClosed)
    {
        var (disk, records) = await MakeAsync(isClosed);
        foreach (var path in disk.Paths)
        {
            var content = disk[path];
            for (var offset = 0; offset < content.Length; offset++)
            {
                var garbled = (byte[])content.Clone();
                garbled[offset] ^= (byte)(1 << (offset % 8));
                disk[path] = garbled;
                using var reader = LogBed.Read(disk);
                var found = new List<(ulong Lsn, int Id)>();
                var damage = reader.Damage.ToList();
                foreach (var record in reader.Records())
                {
                    try
                    {
                        found.Add((record.Lsn, TestRecord.Check(reader, record)));
                    }
                    catch (LogDamageException error)
                    {
                        // Payloads of durable records are looked at when they are read.
                        damage.Add(error.Damage);
                    }
                }

                var lost = records.Except(found).ToList();
                Assert.Empty(found.Except(records));
                Assert.True(found.Count >= records.Count - 1 || offset < LogFormat.SegmentHeaderBytes);
                Assert.Equal(lost, records.Where(record => IsIn(record.Lsn, damage) || record.Lsn >= reader.Tail?.Lsn));
                Assert.All(damage.Where(one => one.SessionUid is not null), one => Assert.Equal(1 + (lost.Single().Id % 3), (int)one.SessionUid!.Value));

                // Nothing says that the last one was durable: it is a torn end, by whatever of it is wrong.
                if (!isClosed && offset >= LogFormat.SegmentHeaderBytes && lost.SequenceEqual([records[^1]]))
                {
                    Assert.Empty(damage);
                    Assert.Equal(records[^1].Lsn, reader.Tail?.Lsn);
                }

                // A record that was not the last one, or that a mark covers, is never taken for a torn end.
                if (lost.Count > 0 && (isClosed || lost[^1] != records[^1]))
                {
                    Assert.NotEmpty(damage);
                    Assert.All(damage, one => Assert.Contains(path, one.ToString(), StringComparison.Ordinal));
                }
            }

            disk[path] = content;
        }
    }

    [Fact]
    public async Task Open_ASegmentIsMissing_NamesItsRecords()
    {
        var (disk, _) = await MakeAsync();
        var copy = new SimulatedDisk();
        foreach (var path in disk.Paths.Where((_, index) => index != 1))
        {
            copy[path] = disk[path];
        }

        using var reader = LogBed.Read(disk);
        using var without = LogBed.Read(copy);
        var missing = reader.Segments().ElementAt(1).FirstLsn;
        var damage = Assert.Single(without.Damage);
        Assert.Equal((missing, reader.Segments().ElementAt(2).FirstLsn - 1), (damage.FirstLsn, damage.LastLsn));
        Assert.Equal(disk.Paths[0], damage.Segment);
    }

    [Fact]
    public async Task Open_AnEmptySegmentFollows_WhatIsBeforeItWasDurable()
    {
        var (disk, records) = await MakeAsync();
        var path = disk.Paths[^1];
        var log = LogBed.Open(disk);
        var content = disk[path];
        disk[path] = content[..^LogFormat.Alignment];
        using var reader = LogBed.Read(disk);
        log.Dispose();

        Assert.Equal(records[..^1], LogBed.Records(reader));
        var damage = Assert.Single(reader.Damage);
        Assert.Equal((path, records[^1].Lsn, records[^1].Lsn), (damage.Segment, damage.FirstLsn, damage.LastLsn));
        Assert.Equal(1 + (records[^1].Id % 3), (int)damage.SessionUid!.Value);
        Assert.Null(reader.Tail);
        Assert.Equal(records[^1].Lsn + 1, reader.NextLsn);
    }

    [Fact]
    public async Task Open_OldGarbageBehindTheEnd_IsCutOff()
    {
        var (disk, records) = await MakeAsync();
        var garbage = disk[disk.Paths[0]];
        var path = disk.Paths[^1];
        var content = disk[path];
        for (var bytes = 1; bytes < garbage.Length; bytes += 5)
        {
            disk[path] = [.. content, .. garbage[^bytes..]];
            using var reader = LogBed.Read(disk);

            Assert.Equal(records, LogBed.Records(reader));
            Assert.Empty(reader.Damage);

            // Zeros are no garbage: they are written before the records that are to come.
            Assert.Equal(Array.TrueForAll(garbage[^bytes..], one => one == 0) ? null : content.Length, reader.Tail?.Offset);
        }
    }

    [Fact]
    public async Task Open_OldGarbageBehindAnOlderSegment_IsARemark()
    {
        var (disk, records) = await MakeAsync();
        disk[disk.Paths[0]] = [.. disk[disk.Paths[0]], .. disk[disk.Paths[1]]];

        using var reader = LogBed.Read(disk);

        Assert.Equal(records, LogBed.Records(reader));
        Assert.Empty(reader.Damage);
        Assert.Contains(disk.Paths[0], Assert.Single(reader.Remarks), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_FilesOfOtherNames_AreNotTouched()
    {
        var (disk, records) = await MakeAsync();
        disk["/log/notes.txt"] = [1, 2, 3];
        disk["/log/1.log"] = [1, 2, 3];
        disk["/log/00000000000000000900.log.tmp"] = [1, 2, 3];

        LogBed.Open(disk).Dispose();

        Assert.Equal(records, LogBed.Records(disk));
        Assert.Contains("/log/notes.txt", disk.Paths);
        Assert.Contains("/log/1.log", disk.Paths);
        Assert.DoesNotContain("/log/00000000000000000900.log.tmp", disk.Paths);
    }

    [Fact]
    public async Task Open_LaterVersion_IsRefused()
    {
        var (disk, _) = await MakeAsync();
        var content = disk[disk.Paths[^1]];
        content[8] = 2;
        BitConverter.TryWriteBytes(content.AsSpan(60), Adam.V1.Crc32C.Compute(content.AsSpan(0, 60)));
        disk[disk.Paths[^1]] = content;

        Assert.Contains("version 2", Assert.Throws<LogVersionException>(() => LogBed.Read(disk)).Message, StringComparison.Ordinal);
        Assert.Equal(0, disk.OpenFiles);
    }

    [Fact]
    public async Task VerifyPayloads_OneIsGarbled_NamesTheRecordAndItsSession()
    {
        var (disk, _) = await MakeAsync();
        using (var reader = LogBed.Read(disk))
        {
            Assert.Empty(reader.VerifyPayloads());
        }

        var record = RecordsOf(disk).First(record => record.PayloadLength > 100);
        var path = $"/log/{SegmentName.Of(record.SegmentLsn)}";
        var content = disk[path];
        content[record.Offset + LogFormat.RecordHeaderBytes + record.HeadLength + 50] ^= 1;
        disk[path] = content;

        using var again = LogBed.Read(disk);
        Assert.Empty(again.Damage);
        var damage = Assert.Single(again.VerifyPayloads());
        Assert.Equal((path, record.Offset, record.Lsn, record.SessionUid), (damage.Segment, damage.Offset, damage.FirstLsn, damage.SessionUid));
    }

    // Three segments and more. Without a mark it is what the end of a process leaves.
    private static async Task<(SimulatedDisk Disk, List<(ulong Lsn, int Id)> Records)> MakeAsync(bool isClosed = false)
    {
        var (disk, records) = await LogBed.MakeAsync(10);
        Assert.True(disk.Paths.Length >= 3);
        if (!isClosed)
        {
            disk[disk.Paths[^1]] = disk[disk.Paths[^1]][..^LogFormat.RecordHeaderBytes];
        }

        return (disk, records);
    }

    private static List<LogRecord> RecordsOf(SimulatedDisk disk)
    {
        using var reader = LogBed.Read(disk);
        return [.. reader.Records()];
    }

    private static bool IsIn(ulong lsn, IEnumerable<LogDamage> damage) => damage.Any(one => lsn >= one.FirstLsn && lsn <= (one.LastLsn ?? ulong.MaxValue));

    private static ulong WithoutMark(LogReader reader) => reader.NextLsn;
}
