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
    /// <param name="completed">See <see cref="LogAppend"/>.</param>
    public LogAppend Append(in LoggedChange change, ulong baseVersion, Action<bool> completed)
    {
        change.Head.BaseVersion = baseVersion;
        var append = new LogAppend(completed);
        var bytes = change.Head.CalculateSize();
        if (bytes > LogFormat.HeadBytesMax)
        {
            append.Refuse(new ServiceException(
                ErrorReason.LimitExceeded,
                $"The log takes descriptions of changes up to {LogFormat.HeadBytesMax} bytes, and this one has {bytes}; nothing was changed. Use shorter names, "
                + "cursors and settings, or DURABILITY_TIER_SNAPSHOT.",
                ("limit", "log head"),
                ("value", LogFormat.HeadBytesMax.ToString(CultureInfo.InvariantCulture))));
            return append;
        }

        var head = new byte[bytes];
        change.Head.WriteTo(head.AsSpan());
        var isDeletion = change.Head.ChangeCase == LogHead.ChangeOneofCase.Deleted;
        var entry = new LogEntry { SessionUid = sessionUid, Head = head, Payload = change.Elements, Waiter = isDeletion ? null : append };
        if (isDeletion)
        {
            _ = AppendDeletionAsync(entry, append);
            return append;
        }

        try
        {
            log.Append(entry);
            Interlocked.Add(ref _bytes, entry.QueueBytes);
        }
#pragma warning disable CA1031 // Whatever it is: a change that nobody answers would hold up its session for ever.
        catch (Exception error)
#pragma warning restore CA1031
        {
            append.Refuse(LogAppend.RefusalOf(error));
        }

        return append;
    }

    /// <summary>Appends that the session is deleted, of which nothing is in memory.</summary>
    /// <exception cref="ServiceException">STORAGE_FULL or STORAGE_FAILED.</exception>
    public async Task DeleteAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var append = Append(new LoggedChange(new LogHead { Deleted = new DeletedSession() }, []), 0, _ => done.SetResult());
        if (!append.IsCompleted)
        {
            await done.Task;
        }

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
    private async Task AppendDeletionAsync(LogEntry entry, LogAppend append)
    {
        try
        {
            ulong lsn;
            try
            {
                lsn = await log.AppendAsync(entry);
            }
            catch (StorageFullException) when (reserve?.TryGiveUp() == true)
            {
                lsn = await log.AppendAsync(entry);
            }

            append.OnAppended(lsn, isOneOfFew: false);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception error)
#pragma warning restore CA1031
        {
            append.OnRefused(error);
        }
    }
}
