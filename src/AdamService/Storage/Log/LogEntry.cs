using System.Threading.Tasks.Sources;
using Adam.Service.Storage.Files;

namespace Adam.Service.Storage.Log;

/// <summary>
/// A record to be appended, and the wait for it. Head and payload must stay as they are, and the payload's memory valid, until it is completed. It may be
/// used again after its result was taken.
/// </summary>
internal sealed class LogEntry : IValueTaskSource<ulong>
{
    private ManualResetValueTaskSourceCore<ulong> _core = new() { RunContinuationsAsynchronously = true };

    /// <summary>Who is told, instead of the task, whose continuations run on the thread pool. Null: nobody.</summary>
    public ILogWaiter? Waiter { get; init; }

    /// <summary>Whose record it is; not 0.</summary>
    public UInt128 SessionUid { get; set; }

    /// <summary>The caller's description of it, at most <see cref="LogFormat.HeadBytesMax"/> bytes.</summary>
    public ReadOnlyMemory<byte> Head { get; set; }

    /// <summary>What follows the head, written from where it lies.</summary>
    public ReadOnlyMemory<NativePiece> Payload { get; set; }

    /// <summary>The result: the number of the record, as soon as it is durable. To be awaited once for each time the entry is appended.</summary>
    /// <exception cref="StorageFullException">There was no room: it was not appended, and may be later.</exception>
    /// <exception cref="StorageFailedException">The device has failed: whether it was appended shows at the next start.</exception>
    public ValueTask<ulong> Completion => new(this, _core.Version);

    /// <summary>The sum of the payload's pieces.</summary>
    internal long PayloadLength { get; private set; }

    /// <summary>Its number, from when it was placed.</summary>
    internal ulong Lsn { get; set; }

    /// <summary>Where it was placed.</summary>
    internal long Offset { get; set; }

    /// <summary>Why it was not appended.</summary>
    internal StorageFullException? Refusal { get; set; }

    /// <summary>How many bytes it keeps waiting.</summary>
    internal long QueueBytes => Head.Length + PayloadLength;

    /// <summary>Where the next record begins, if this one is placed somewhere.</summary>
    internal long EndAt(long offset) => LogFormat.RecordEnd(offset, Head.Length, PayloadLength);

    /// <summary>Makes it ready to be appended, for the first time or again.</summary>
    /// <exception cref="ArgumentException">It cannot be a record.</exception>
    internal void Prepare()
    {
        if (SessionUid == 0)
        {
            throw new ArgumentException("A record needs the uid of its session.", nameof(SessionUid));
        }

        if (Head.Length > LogFormat.HeadBytesMax)
        {
            throw new ArgumentException($"The head of a record has {Head.Length} bytes, and may have {LogFormat.HeadBytesMax}.", nameof(Head));
        }

        long length = 0;
        foreach (var piece in Payload.Span)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(piece.Bytes, nameof(Payload));
            length = checked(length + piece.Bytes);
        }

        (PayloadLength, Lsn, Offset, Refusal) = (length, 0, 0, null);
        _core.Reset();
    }

    /// <summary>Wakes who waits for it: it is durable, or was refused.</summary>
    /// <param name="isOneOfFew">See <see cref="ILogWaiter.OnAppended"/>.</param>
    internal void Complete(bool isOneOfFew)
    {
        if (Refusal is { } refusal)
        {
            Fail(refusal);
        }
        else if (Waiter is { } waiter)
        {
            waiter.OnAppended(Lsn, isOneOfFew);
        }
        else
        {
            _core.SetResult(Lsn);
        }
    }

    /// <summary>Wakes who waits for it: it is not there, or not surely.</summary>
    internal void Fail(StorageException failure)
    {
        if (Waiter is { } waiter)
        {
            waiter.OnRefused(failure);
        }
        else
        {
            _core.SetException(failure);
        }
    }

    ulong IValueTaskSource<ulong>.GetResult(short token) => _core.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<ulong>.GetStatus(short token) => _core.GetStatus(token);

    void IValueTaskSource<ulong>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);
}
