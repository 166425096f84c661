namespace Adam.Client.Internal;

/// <summary>One step from its call to its return.</summary>
/// <param name="reply">Where the reply goes.</param>
/// <param name="options">What was said about the batch.</param>
/// <param name="gradients">Its gradients; null if they lie in shared memory.</param>
/// <param name="send">Sends the whole batch over a stream, any number of times.</param>
internal sealed class PendingBatch(
    ReplyBuffers reply, StepOptions options, OutgoingGradients? gradients, Func<PendingBatch, TrainConnection, Task> send)
{
    private readonly TaskCompletionSource _offered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _decided = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The worker's number of the batch.</summary>
    public ulong Sequence { get; set; }

    /// <summary>Whether no other batch may be under way with it.</summary>
    public bool IsAlone { get; set; }

    /// <summary>The batch before it, if that was under way when this one came.</summary>
    public PendingBatch? Before { get; set; }

    /// <summary>The batch that must have ended before this one may be sent: the stream has only so many credits.</summary>
    public PendingBatch? Creditor { get; set; }

    /// <summary>Where the reply goes.</summary>
    public ReplyBuffers Reply { get; } = reply;

    /// <summary>What was said about the batch.</summary>
    public StepOptions Options { get; } = options;

    /// <summary>Its gradients; null if they lie in shared memory.</summary>
    public OutgoingGradients? Gradients { get; } = gradients;

    /// <summary>The last stream that it was sent over, wholly or in part.</summary>
    public TrainConnection? SentOn { get; private set; }

    /// <summary>The digest that it was committed with; null if it had none or the commit was not reached.</summary>
    public V1.BatchDigest? Digest { get; set; }

    /// <summary>What became of it, once that is known.</summary>
    public V1.BatchResult? Wire { get; private set; }

    /// <summary>The stream that the result came over; null if it was asked for.</summary>
    public TrainConnection? AnsweredOn { get; private set; }

    /// <summary>What the caller gets.</summary>
    public StepResult? Result { get; set; }

    /// <summary>Why it was refused; null if it was not. The session goes on.</summary>
    public AdamException? Refusal { get; set; }

    /// <summary>Whether the connection was lost while the batch was under way.</summary>
    public bool WasInterrupted { get; set; }

    /// <summary>Ends when the batch was sent, or when it was found that it has to wait for its turn.</summary>
    public Task Offered => _offered.Task;

    /// <summary>Ends when it is known what became of the batch, or that this will not be known.</summary>
    public Task Decided => _decided.Task;

    /// <summary>Ends with the step, whatever came of it.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Sends the batch. From here on it counts as sent over this stream, even if only a part arrives.</summary>
    public Task SendAsync(TrainConnection connection)
    {
        SentOn = connection;
        return send(this, connection);
    }

    /// <summary>Notes what became of the batch.</summary>
    public void Decide(V1.BatchResult wire, TrainConnection? answeredOn)
    {
        (Wire, AnsweredOn) = (wire, answeredOn);
        var outcome = wire.Outcome == V1.BatchOutcome.Duplicate ? wire.OriginalOutcome : wire.Outcome;
        if (outcome is V1.BatchOutcome.Applied or V1.BatchOutcome.Accumulated)
        {
            Gradients?.KeepResiduals();
        }

        _decided.TrySetResult();
    }

    /// <summary>Lets the next batch be sent.</summary>
    public void SetOffered() => _offered.TrySetResult();

    /// <summary>Lets go of other batches, and lets those that wait for this one go on.</summary>
    public void End()
    {
        (Before, Creditor) = (null, null);
        _offered.TrySetResult();
        _decided.TrySetResult();
        _ended.TrySetResult();
    }
}
