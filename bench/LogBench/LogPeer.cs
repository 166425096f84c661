using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Microsoft.Extensions.Logging.Abstractions;

namespace Adam.Bench.LogBench;

/// <summary>The service's log.</summary>
internal sealed class LogPeer : IPeer
{
    private readonly LogEntry _entry;
    private ulong _lsn;

    public LogPeer(string directory, Batch batch)
    {
        Log = Open(directory);
        _entry = new LogEntry { SessionUid = 1, Head = new byte[200], Payload = new NativePiece[] { batch.Piece } };
    }

    /// <summary>The log.</summary>
    public StepLog Log { get; }

    public string Name => "the log";

    public static StepLog Open(string directory)
    {
        using var reader = LogReader.Open(FileSystem.Linux, directory);
        return StepLog.Open(reader, new StepLogOptions(), NullLogger.Instance);
    }

    public async Task WriteAsync() => _lsn = await Log.AppendAsync(_entry);

    public void Clean() => Log.Release(_lsn);

    public void Dispose() => Log.Dispose();
}
