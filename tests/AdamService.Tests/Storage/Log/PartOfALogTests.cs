using Adam.Service.Storage.Log;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>A log that is read from a record on.</summary>
public sealed class PartOfALogTests
{
    [Fact]
    public async Task Open_FromARecord_LooksAtNoSegmentThatEndsBeforeIt()
    {
        var (disk, records) = await LogBed.MakeAsync(40);
        using var whole = LogBed.Read(disk);
        var segments = whole.Segments().Select(static segment => segment.FirstLsn).ToList();
        Assert.True(segments.Count > 4);
        foreach (var (lsn, _) in records)
        {
            using var part = LogReader.Open(LogBed.FilesOf(disk), LogBed.Directory, lsn);

            Assert.Equal(segments.FindAll(first => first > lsn).Count + 1, part.Segments().Count());
            Assert.Equal(records.Where(record => record.Lsn >= lsn), part.Records(lsn).Select(record => (record.Lsn, TestRecord.Check(part, record))));
            Assert.Equal(whole.NextLsn, part.NextLsn);
            Assert.Empty(part.Damage);
        }
    }
}
