using System.Globalization;
using Adam.Service.Errors;
using Adam.Service.Storage.Files;
using Adam.Service.Storage.Log;
using Adam.Storage.V1;
using Adam.V1;
using Google.Protobuf;

namespace Adam.Service.Sessions;

/// <summary>One session's part of the step log.</summary>
/// <param name="log">The log of the node.</param>
/// <param name="pins">What of it is still needed.</param>
/// <param name="sessionUid">Whose records.</param>
/// <param name="reserve">Room for the record that deletes the session; null if none is kept.</param>
internal sealed class SessionLog(StepLog log, LogPins pins, UInt128 sessionUid, RoomReserve? reserve = null)
{
    private long _bytes;

    /// <summary>Bytes of all changes that were appended since the service started. May be read from anywhere.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>From here on records of the session may be needed. Called before the first one is appended.</summary>
    public void Hold() => pins.Hold(sessionUid, log.SyncedLsn + 1);

    /// <summary>None of its records is needed any more.</summary>
    public void Forget() => pins.Forget(sessionUid);

    /// <summary>Appends a change that is about to be made.</summary>
    /// <param name="change">The change.</param>
    /// <param name="baseVersion">The session's version before it.</param>
    /// <param name="completed">Called when the append is completed, from anywhere.</param>
    public LogAppend Append(in LoggedChange change, ulong baseVersion, Action completed)
    {
        change.Head.BaseVersion = baseVersion;
        var append = new LogAppend();
        if (change.Head.CalculateSize() is var bytes and > LogFormat.HeadBytesMax)
        {
            append.Complete(new ServiceException(
                ErrorReason.LimitExceeded,
                $"The log takes descriptions of changes up to {LogFormat.HeadBytesMax} bytes, and this one has {bytes}; nothing was changed. Use shorter names, "
                + "cursors and settings, or DURABILITY_TIER_SNAPSHOT.",
                ("limit", "log head"),
                ("value", LogFormat.HeadBytesMax.ToString(CultureInfo.InvariantCulture))));
            return append;
        }

        var isDeletion = change.Head.ChangeCase == LogHead.ChangeOneofCase.Deleted;
        var entry = new LogEntry
        {
            SessionUid = sessionUid,
            Head = change.Head.ToByteArray(),
            Payload = change.Elements.ToArray(),

            // The session's queue is told, which puts it in line for the engine's threads. A deletion may have to make room first.
            GoesOnAtOnce = !isDeletion,
        };
        Interlocked.Add(ref _bytes, entry.Head.Length + change.Elements.Sum(static piece => piece.Bytes));
        _ = CompleteAsync(entry, isDeletion, append, completed);
        return append;
    }

    /// <summary>Appends that the session is deleted, of which nothing is in memory.</summary>
    /// <exception cref="ServiceException">STORAGE_FULL or STORAGE_FAILED.</exception>
    public async Task DeleteAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var append = Append(new LoggedChange(new LogHead { Deleted = new DeletedSession() }, []), 0, done.SetResult);
        await done.Task;
        if (append.Refusal is { } refusal)
        {
            throw refusal;
        }
    }

    /// <summary>Appends what nobody waits for. It is lost if the service dies soon, or if the log is full, busy or has failed.</summary>
    /// <param name="core">The session's state after the change that it is about.</param>
    /// <param name="decision">What came out of it.</param>
    public void Note(SessionCore core, BatchDecision decision)
    {
        try
        {
            var head = new LogHead { BaseVersion = core.Version, Decision = decision };
            log.AppendLazily(new LogEntry { SessionUid = sessionUid, Head = head.ToByteArray() });
        }
        catch (Exception error) when (error is LogBusyException or StorageFailedException or ObjectDisposedException)
        {
            // The batch is in the log, which is what matters; a replay has one thing less to compare.
        }
    }

    // What makes room is not to fail for want of a little.
    private async ValueTask<ulong> AppendDeletionAsync(LogEntry entry)
    {
        try
        {
            return await log.AppendAsync(entry);
        }
        catch (StorageFullException) when (reserve?.TryGiveUp() == true)
        {
            return await log.AppendAsync(entry);
        }
    }

    private async Task CompleteAsync(LogEntry entry, bool isDeletion, LogAppend append, Action completed)
    {
        try
        {
            append.Complete(await (isDeletion ? AppendDeletionAsync(entry) : log.AppendAsync(entry)));
        }
        catch (LogBusyException busy)
        {
            append.Complete(new ServiceException(ErrorReason.StorageFull, $"{busy.Message} Nothing was changed; try again."));
        }
        catch (StorageFullException full)
        {
            append.Complete(StorageRefusals.Full(full));
        }
        catch (StorageFailedException failed)
        {
            append.Complete(StorageRefusals.Failed(failed));
        }
#pragma warning disable CA1031 // Whatever it is: a change that nobody answers would hold up its session for ever.
        catch (Exception unexpected) when (unexpected is not ObjectDisposedException)
#pragma warning restore CA1031
        {
            append.Complete(new ServiceException(ErrorReason.Unspecified, $"The change could not be logged: {unexpected.Message}"));
        }
        catch (ObjectDisposedException)
        {
            append.Complete(new ServiceException(ErrorReason.ShuttingDown, "The service is stopping; nothing was changed. Try again later."));
        }

        completed();
    }
}
