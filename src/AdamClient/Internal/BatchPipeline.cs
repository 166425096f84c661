using System.Runtime.ExceptionServices;
using Grpc.Core;

namespace Adam.Client.Internal;

/// <summary>
/// The steps of one worker that are under way: sent in their order, answered in their order, over a stream that is opened anew when it breaks.
/// </summary>
/// <remarks>
/// Each step does its own work and waits for its turn twice: it sends when the batch before was sent, and receives when the one before has ended.
/// The step whose turn it is to receive is the one that opens again. Batches that were decided on an earlier stream are then asked for; the others are
/// sent again when it is their turn, so they keep their order. Until a batch is decided, the same bytes are sent for it each time.
/// </remarks>
internal sealed class BatchPipeline(WorkerStanding standing, TrainConnection first, DecidedBatches decided, SessionReopening? reopening)
    : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly List<PendingBatch> _pending = [];
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly CancellationTokenSource _closing = new();

    private volatile TrainConnection _connection = first;
    private volatile bool _mayReopen = reopening is not null;
    private volatile bool _isClosed;
    private ExceptionDispatchInfo? _failure;
    private ulong? _refused;
    private ulong _lastNumbered = standing.NextSequence - 1;
    private int _reconnects;

    /// <summary>False once it was closed: by a failure, a cancelled step or <see cref="DisposeAsync"/>.</summary>
    public bool IsOpen => !_isClosed;

    /// <summary>How often the stream was opened anew.</summary>
    public int Reconnects => Volatile.Read(ref _reconnects);

    /// <summary>From here on a stream that breaks closes the session: what hangs on it cannot be had again.</summary>
    /// <returns>Whether that was otherwise before.</returns>
    public bool StayOnThisStream()
    {
        var isNews = _mayReopen;
        _mayReopen = false;
        return isNews;
    }

    /// <summary>Takes <see cref="StayOnThisStream"/> back: nothing hangs on the stream.</summary>
    public void LeaveThisStream() => _mayReopen = reopening is not null;

    /// <summary>Takes a batch through.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="alone">Whether no other may be under way.</param>
    /// <param name="cancellationToken">Closes everything.</param>
    /// <returns>What became of it.</returns>
    public async Task<StepResult> RunAsync(PendingBatch batch, bool alone, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter(batch, alone);
        try
        {
            // Once this is left the token has no effect; it may have closed everything when the answer was already here.
            await using (cancellationToken.UnsafeRegister(static state => ((BatchPipeline)state!).Close(Stopped()), this))
            {
                await OfferAsync(batch);
                await (batch.Before?.Ended ?? Task.CompletedTask);
                await FinishAsync(batch);
            }

            return batch.Refusal is null ? batch.Result! : throw batch.Refusal;
        }
        catch (Exception failure) when (!ReferenceEquals(failure, batch.Refusal))
        {
            Close(failure);
            if (cancellationToken.IsCancellationRequested && IsCancellation(failure))
            {
                throw new OperationCanceledException("The step was cancelled while it ran, which closed the session.", failure, cancellationToken);
            }

            if (IsCancellation(failure))
            {
                ThrowIfClosed();
            }

            throw;
        }
        finally
        {
            Leave(batch);
        }
    }

    /// <summary>Lets the worker go if nothing is under way, and ends what is.</summary>
    public async ValueTask DisposeAsync()
    {
        var wasOpen = IsOpen;
        bool isIdle;
        lock (_lock)
        {
            isIdle = _pending.Count == 0;
            _isClosed = true;
        }

        if (wasOpen && isIdle)
        {
            await _connection.Stream.FinishAsync();
        }

        Close(Stopped());
        await _connection.Stream.DisposeAsync();
    }

    private static AdamException Stopped() => new(new AdamError(
        StatusCode.Cancelled, "The session was closed, or another of its steps was cancelled, while this step ran: the batch may have been applied."));

    private static bool IsCancellation(Exception failure) =>
        failure is OperationCanceledException or AdamException { StatusCode: StatusCode.Cancelled };

    private void Enter(PendingBatch batch, bool alone)
    {
        lock (_lock)
        {
            if (_isClosed)
            {
                throw new InvalidOperationException("The session is closed. Open it again with AdamClient.OpenSessionAsync.");
            }

            if (_pending.Count > 0 && (alone || _pending[^1].IsAlone))
            {
                throw new InvalidOperationException("A step of this session is still running, and one that shares memory runs alone.");
            }

            if (_pending.Count == 0)
            {
                (_lastNumbered, _refused) = (standing.NextSequence - 1, null);
            }
            else
            {
                batch.Before = _pending[^1];
                batch.Creditor = _pending.Count >= standing.Credits ? _pending[^standing.Credits] : null;
            }

            batch.Sequence = ++_lastNumbered;
            batch.IsAlone = alone;
            _pending.Add(batch);
        }
    }

    private void Leave(PendingBatch batch)
    {
        lock (_lock)
        {
            _pending.Remove(batch);
        }

        batch.End();
    }

    // Sends the batch while answers to earlier ones still come, if that keeps the order. If not, it is sent when its turn to receive has come.
    private async Task OfferAsync(PendingBatch batch)
    {
        try
        {
            var connection = _connection;
            if (batch.Before is { } before)
            {
                await before.Offered;
                await (batch.Creditor?.Ended ?? Task.CompletedTask);
                if (batch.Gradients is { HasFeedback: true })
                {
                    // What the encodings of the batch before cut off belongs to this one, if that batch was taken.
                    await before.Decided;
                }

                connection = _connection;
                if (before.SentOn != connection && !connection.IsDecided(before.Sequence) && !before.Ended.IsCompleted)
                {
                    return;
                }
            }

            if (!_isClosed && !IsAfterARefusal(batch))
            {
                await SendAsync(batch, connection);
            }
        }
        finally
        {
            batch.SetOffered();
        }
    }

    private async Task FinishAsync(PendingBatch batch)
    {
        while (true)
        {
            var connection = _connection;
            try
            {
                ThrowIfClosed();
                await AdvanceAsync(batch, connection);
                reopening?.NoteProgress();
                return;
            }
            catch (AdamException broken) when (_mayReopen && !_isClosed && ConnectionBreak.Is(broken))
            {
                await ReopenAsync(batch, connection, broken);
            }
        }
    }

    private async Task AdvanceAsync(PendingBatch batch, TrainConnection connection)
    {
        batch.WasInterrupted |= batch.SentOn is { } last && last != connection;
        if (batch.Wire is null && connection.IsDecided(batch.Sequence) && batch.SentOn is not null)
        {
            Take(batch, await decided.FindAsync(standing, connection, batch, _closing.Token), null);
        }

        if (batch.Wire is null && batch.SentOn != connection)
        {
            if (IsAfterARefusal(batch))
            {
                batch.Refusal = Gap(batch);
                return;
            }

            await SendAsync(batch, connection);
        }

        if (batch.Wire is null)
        {
            Take(batch, await ReceiveResultAsync(connection, batch.Sequence), connection);
        }

        if (batch.Result is not { Reply: not ReplyKind.None } result)
        {
            return;
        }

        batch.Result = batch.AnsweredOn == connection
            ? await ReceiveReplyAsync(connection, batch, result)
            : await decided.ReadReplyAsync(standing, batch, result, _closing.Token);
        standing.Complete(batch.Result);
    }

    private async Task SendAsync(PendingBatch batch, TrainConnection connection)
    {
        await _sending.WaitAsync(_closing.Token);
        try
        {
            if (connection == _connection)
            {
                await batch.SendAsync(connection);
            }
        }
        catch (StreamEndedException)
        {
            // Whoever receives learns why, this step included.
        }
        finally
        {
            _sending.Release();
        }
    }

    private void Take(PendingBatch batch, V1.BatchResult wire, TrainConnection? answeredOn)
    {
        batch.Result = StepMapping.FromWire(wire) with { WasInterrupted = batch.WasInterrupted };
        if (wire.Outcome == V1.BatchOutcome.Rejected)
        {
            batch.Refusal = ErrorTranslator.Translate(wire.Error);
        }

        if (!WorkerStanding.IsConsumed(wire))
        {
            lock (_lock)
            {
                _refused ??= wire.Sequence;
            }
        }

        standing.Take(batch, wire);
        batch.Decide(wire, answeredOn);
    }

    private bool IsAfterARefusal(PendingBatch batch)
    {
        lock (_lock)
        {
            return _refused < batch.Sequence;
        }
    }

    private SequenceGapException Gap(PendingBatch batch) => new(new AdamError(
        StatusCode.OutOfRange,
        $"Batch {batch.Sequence} was not sent: batch {_refused}, which was under way before it, did not use up its number. Once all steps that are under way have "
        + "ended, send what is to be applied again; the numbers go on by themselves.")
    {
        Reason = "SEQUENCE_GAP",
        Metadata = new Dictionary<string, string> { ["expected_sequence"] = $"{_refused}" },
    });

    private async Task ReopenAsync(PendingBatch batch, TrainConnection broken, AdamException cause)
    {
        // A batch that is being sent is in the way until it finds that the stream is over.
        broken.Stream.Abort();
        await _sending.WaitAsync(_closing.Token);
        try
        {
            ulong last;
            lock (_lock)
            {
                last = _pending.FindLast(pending => pending.SentOn is not null)?.Sequence ?? batch.Sequence - 1;
            }

            var connection = await reopening!.RunAsync(standing, last, cause, _closing.Token);
            standing.Take(connection.Opened);
            _connection = connection;
            Interlocked.Increment(ref _reconnects);
            await broken.Stream.DisposeAsync();
            if (_isClosed)
            {
                connection.Stream.Abort();
            }
        }
        finally
        {
            _sending.Release();
        }
    }

    private static async Task<V1.BatchResult> ReceiveResultAsync(TrainConnection connection, ulong sequence)
    {
        var message = await connection.Stream.ReceiveAsync();
        return message.Result is { } result && result.Sequence == sequence
            ? result
            : throw ErrorTranslator.BrokenContract($"The service sent {message.MessageCase} where the result of batch {sequence} was due.");
    }

    private static async Task<StepResult> ReceiveReplyAsync(TrainConnection connection, PendingBatch batch, StepResult result)
    {
        var reply = batch.Reply;
        V1.TensorSink.Use(reply);
        while (true)
        {
            var message = await connection.Stream.ReceiveAsync();
            switch (message.MessageCase)
            {
                case V1.TrainResponse.MessageOneofCase.Chunk:
                    reply.Put(message.Chunk);
                    break;
                case V1.TrainResponse.MessageOneofCase.ReplyEnd when message.ReplyEnd.Sequence == batch.Sequence:
                    reply.Finish();
                    return result with { ReceivedTensors = reply.Received, ReplyVersion = message.ReplyEnd.Version };
                default:
                    throw ErrorTranslator.BrokenContract($"The service sent {message.MessageCase} inside the reply to batch {batch.Sequence}.");
            }
        }
    }

    private void ThrowIfClosed()
    {
        if (_isClosed)
        {
            Volatile.Read(ref _failure)?.Throw();
            throw Stopped();
        }
    }

    // The first failure is the one that every step under way ends with.
    private void Close(Exception failure)
    {
        Interlocked.CompareExchange(ref _failure, ExceptionDispatchInfo.Capture(failure), null);
        _isClosed = true;
        _connection.Stream.Abort();
        _closing.Cancel();
    }
}
