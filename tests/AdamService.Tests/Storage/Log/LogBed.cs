using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>What tests of the log do again and again.</summary>
internal static class LogBed
{
    public const string Directory = "/log";

    public static StepLogOptions SmallSegments { get; } = new() { SegmentBytes = 1024 };

    public static FileSystem FilesOf(SimulatedDisk disk) => new(disk);

    public static StepLog Open(SimulatedDisk disk, StepLogOptions? options = null, ulong nextLsnMin = LogFormat.FirstLsn)
    {
        using var reader = LogReader.Open(FilesOf(disk), Directory);
        return StepLog.Open(reader, options ?? SmallSegments, NullLogger.Instance, nextLsnMin);
    }

    public static LogReader Read(SimulatedDisk disk) => LogReader.Open(FilesOf(disk), Directory);

    /// <summary>Number and id of each record that can be read, each checked.</summary>
    public static List<(ulong Lsn, int Id)> Records(SimulatedDisk disk)
    {
        using var reader = Read(disk);
        return Records(reader);
    }

    public static List<(ulong Lsn, int Id)> Records(LogReader reader) => [.. reader.Records().Select(record => (record.Lsn, TestRecord.Check(reader, record)))];

    /// <summary>Appends one after the other.</summary>
    public static async Task<List<(ulong Lsn, int Id)>> AppendAsync(StepLog log, params TestRecord[] records)
    {
        var appended = new List<(ulong, int)>();
        foreach (var record in records)
        {
            appended.Add((await log.AppendAsync(record.Entry), record.Id));
        }

        return appended;
    }

    /// <summary>A closed log of several segments, with all sizes of records.</summary>
    public static async Task<(SimulatedDisk Disk, List<(ulong Lsn, int Id)> Records)> MakeAsync(int count)
    {
        var disk = new SimulatedDisk();
        using var log = Open(disk);
        return (disk, await AppendAsync(log, [.. Enumerable.Range(1, count).Select(id => new TestRecord(id, 8 + (id * 13 % 60), id * 37 % 300))]));
    }
}
