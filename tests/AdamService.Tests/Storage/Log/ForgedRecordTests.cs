using System.Runtime.InteropServices;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>Payloads are bytes that a client chooses; what looks like a record in one is none.</summary>
public sealed class ForgedRecordTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Open_DamageBeforeAPayloadFullOfRecords_FindsNoneInIt(bool isOfAnotherSegment)
    {
        var disk = new Files.SimulatedDisk();
        var salt = SegmentSalt.Draw();
        ulong last;
        using (var log = LogBed.Open(disk, new StepLogOptions { SegmentBytes = 4096 }))
        {
            if (isOfAnotherSegment)
            {
                // Whoever has seen the salt of one segment knows nothing of the next.
                await LogBed.AppendAsync(log, new TestRecord(1, 8, 4000));
                SegmentHeader.TryRead(disk[disk.Paths[0]], out var header, out _);
                salt = header.Salt;
            }

            var payload = GC.AllocateArray<byte>(50 * 64, pinned: true);
            for (var i = 0; i < 50; i++)
            {
                // For each place that the search may look at: all numbers in reach, all of them said to be durable.
                new RecordHeader((ulong)(3 + i), (ulong)(2 + i), 1, 0, 0, salt.Checksum([]), salt.Checksum([])).Write(payload.AsSpan(i * 64), salt);
            }

            var entry = new LogEntry { SessionUid = 1, Head = new byte[64], Payload = new NativePiece[] { new(Marshal.UnsafeAddrOfPinnedArrayElement(payload, 0), payload.Length) } };
            last = await log.AppendAsync(entry);
        }

        // The header of the last record is gone, and the mark behind it.
        var path = disk.Paths[^1];
        var content = disk[path][..^LogFormat.RecordHeaderBytes];
        content[LogFormat.SegmentHeaderBytes + 9] ^= 1;
        disk[path] = content;
        using var reader = LogBed.Read(disk);

        Assert.DoesNotContain(reader.Records(), record => record.Lsn >= last);
        Assert.Empty(reader.Damage);
        Assert.Equal(last, reader.Tail!.Lsn);
    }

    [Fact]
    public async Task Open_WithTheSegmentsOwnSalt_WouldBeFound()
    {
        var disk = new Files.SimulatedDisk();
        using (var log = LogBed.Open(disk))
        {
            SegmentHeader.TryRead(disk[disk.Paths[0]], out var header, out _);
            var payload = GC.AllocateArray<byte>(64, pinned: true);
            new RecordHeader(3, 2, 1, 0, 0, header.Salt.Checksum([]), header.Salt.Checksum([])).Write(payload, header.Salt);
            await log.AppendAsync(new LogEntry { SessionUid = 1, Head = new byte[64], Payload = new NativePiece[] { new(Marshal.UnsafeAddrOfPinnedArrayElement(payload, 0), 64) } });
        }

        // The control of the test above: the same bytes with the right salt are taken for a record.
        var content = disk[disk.Paths[0]][..^LogFormat.RecordHeaderBytes];
        content[LogFormat.SegmentHeaderBytes + 9] ^= 1;
        disk[disk.Paths[0]] = content;
        using var reader = LogBed.Read(disk);

        Assert.Equal([3UL], reader.Records().Select(record => record.Lsn));
        Assert.Single(reader.Damage);
    }
}
