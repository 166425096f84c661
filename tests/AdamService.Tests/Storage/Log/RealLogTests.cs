using System.Runtime.InteropServices;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Service.Tests.Storage.Files;
using Microsoft.Extensions.Logging.Abstractions;

namespace Adam.Service.Tests.Storage.Log;

/// <summary>The log on the file system that there is.</summary>
public sealed class RealLogTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Append_FromManyThreads_KeepsEverythingAndSharesSynchronisations()
    {
        const int Appenders = 16, Each = 50;
        var appended = new (ulong Lsn, int Id)[Appenders * Each];
        using (var log = Open())
        {
            await Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(async () =>
            {
                for (var i = 0; i < Each; i++)
                {
                    var id = (appender * Each) + i;
                    appended[id] = (await log.AppendAsync(new TestRecord(id, 8, id * 97 % 3000).Entry), id);
                }
            })));
            Assert.Equal(Appenders * Each, log.Appended);
            Assert.True(log.Segments().Length > 1);
        }

        using var reader = LogReader.Open(FileSystem.Linux, _folder["log"]);
        Assert.Equal(appended.OrderBy(record => record.Lsn), LogBed.Records(reader));
        Assert.Equal(Enumerable.Range(1, Appenders * Each).Select(lsn => (ulong)lsn), reader.Records().Select(record => record.Lsn));
    }

    // What is read is in the cache, past which small records are written, and behind what is durable lies what is being written.
    [Fact]
    public async Task Read_WhileOthersAppend_HasAllThatIsDurableAndDisturbsNobody()
    {
        const int Appenders = 4, Looks = 20;
        using var log = Open();
        using var stop = new CancellationTokenSource();
        var appending = Task.WhenAll(Enumerable.Range(0, Appenders).Select(appender => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                await log.AppendAsync(new TestRecord((i * Appenders) + appender, 8, i % 25 == 24 ? 70_000 : i * 97 % 3000).Entry);
            }
        })));
        try
        {
            for (var look = 0; look < Looks; look++)
            {
                var durable = log.SyncedLsn;
                using var reader = log.Read();
                var seen = LogBed.Records(reader).Select(record => record.Lsn).ToList();

                Assert.Equal(Enumerable.Range(1, seen.Count).Select(lsn => (ulong)lsn), seen);
                Assert.InRange((ulong)seen.Count, durable, log.SyncedLsn);
                Assert.True(reader is { Damage: [], Remarks: [], Tail: null });
            }
        }
        finally
        {
            await stop.CancelAsync();
            await appending;
        }

        Assert.Null(log.Failure);
    }

    [Fact]
    public async Task Append_APayloadOfMoreThanTwoGibibytes_IsReadAgain()
    {
        const long Bytes = (1L << 31) + (3 << 20) + 5;
        const int PieceBytes = 1 << 20;

        // Memory that nobody has touched is all one page of zeros.
        nint source, target;
        unsafe
        {
            source = (nint)NativeMemory.AllocZeroed((nuint)Bytes);
            target = (nint)NativeMemory.Alloc(PieceBytes);
        }

        try
        {
            using (var log = Open())
            {
                await log.AppendAsync(new LogEntry { SessionUid = 9, Head = new byte[3], Payload = new NativePiece[] { new(source, Bytes) } });
            }

            using var reader = LogReader.Open(FileSystem.Linux, _folder["log"]);
            var record = Assert.Single(reader.Records());
            Assert.Equal(Bytes, record.PayloadLength);
            var pieces = Enumerable.Repeat(new NativePiece(target, PieceBytes), (int)(Bytes / PieceBytes)).Append(new NativePiece(target, Bytes % PieceBytes));
            reader.ReadPayload(record, [.. pieces]);
            Assert.Throws<ArgumentException>(() => reader.ReadPayload(record, new NativePiece(target, PieceBytes)));
        }
        finally
        {
            unsafe
            {
                NativeMemory.Free((void*)source);
                NativeMemory.Free((void*)target);
            }
        }
    }

    private StepLog Open()
    {
        using var reader = LogReader.Open(FileSystem.Linux, _folder["log"]);
        return StepLog.Open(reader, new StepLogOptions { SegmentBytes = 1 << 19 }, NullLogger.Instance);
    }
}
