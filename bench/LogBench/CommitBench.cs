using System.Diagnostics;
using Adam.Bench.LoadBench.Figures;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;

namespace Adam.Bench.LogBench;

/// <summary>Small entries of many who each wait for their own: how many share a synchronisation.</summary>
internal static class CommitBench
{
    private const int HeadBytes = 100;

    public static async Task RunAsync(string directory, int appenders, int entryBytes, int entries)
    {
        using var batch = new Batch(entryBytes);
        Report.Head($"entries of {entryBytes} bytes", "appends/s", "appends per fdatasync", "fdatasync/s");

        // 1. What the disk does when everybody has a synchronisation of their own.
        var alone = Math.Max(1, entries / appenders);
        var path = Path.Combine(directory, "alone");
        var start = Stopwatch.GetTimestamp();
        using (var file = FileSystem.Linux.Open(path, FileUse.UpdateOrCreate))
        {
            for (var i = 0; i < alone; i++)
            {
                ReadOnlySpan<NativePiece> piece = [batch.Piece];
                file.Write(piece, (long)i * entryBytes);
                file.SyncData();
            }
        }

        var rate = alone / Stopwatch.GetElapsedTime(start).TotalSeconds;
        Report.Row($"pwrite and fdatasync, one after the other", $"{rate:0}", $"1.0", $"{rate:0}");

        // 2. The log.
        foreach (var count in new[] { 1, 8, appenders }.Where(count => count <= appenders).Distinct())
        {
            using var log = LogPeer.Open(Path.Combine(directory, $"commits-{count}"));
            var each = Math.Max(1, entries / appenders);
            start = Stopwatch.GetTimestamp();
            await Task.WhenAll(Enumerable.Range(0, count).Select(appender => Task.Run(() => AppendAsync(log, batch, (ulong)appender + 1, each))));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Report.Row(
                $"the log, {count} who append", $"{log.Appended / seconds:0}", $"{(double)log.Appended / log.Syncs:0.0}", $"{log.Syncs / seconds:0}");
        }
    }

    private static async Task AppendAsync(StepLog log, Batch batch, ulong session, int count)
    {
        var entry = new LogEntry
        {
            SessionUid = session,
            Head = new byte[HeadBytes],
            Payload = new NativePiece[] { batch.Piece with { Bytes = Math.Max(0, batch.Piece.Bytes - HeadBytes) } },
        };
        for (var i = 0; i < count; i++)
        {
            await log.AppendAsync(entry);
        }
    }
}
