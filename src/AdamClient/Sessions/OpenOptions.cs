namespace Adam.Client;

/// <summary>How a worker opens a session for training.</summary>
public sealed record OpenOptions
{
    /// <summary>
    /// The worker, <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$</c>; its batches are numbered across all its streams. Null: the
    /// <see cref="AdamClientOptions.WorkerId"/> of the client. Default: null.
    /// </summary>
    public string? WorkerId { get; init; }

    /// <summary>
    /// True ends an older stream of this worker, which then sees <see cref="WorkerFencedException"/>; false is refused with
    /// <see cref="WorkerBusyException"/> while there is one. Default: false.
    /// </summary>
    public bool Takeover { get; init; }

    /// <summary>What steps that pass buffers get back unless they say otherwise. Default: <see cref="ReplyKind.Weights"/>.</summary>
    public ReplyKind Reply { get; init; } = ReplyKind.Weights;

    /// <summary>How float32 gradients of steps go that do not say otherwise. Default: <see cref="GradientEncoding.AsGiven"/>.</summary>
    public GradientEncoding GradientEncoding { get; init; }

    /// <summary>
    /// Keeps what shorter encodings cut off, and adds it to the next gradient. Null: it is forgotten. The same object may go from one open
    /// session to the next of the worker. Default: null.
    /// </summary>
    public ErrorFeedback? ErrorFeedback { get; init; }

    /// <summary>
    /// Whether steps that do not say otherwise carry a digest: the service then refuses a batch that changed on the way, and a number that comes with
    /// another batch. Default: false.
    /// </summary>
    public bool Digest { get; init; }

    /// <summary>How the elements of replies travel unless a step says otherwise, as <see cref="StepOptions.ReplyDType"/>. Default: null.</summary>
    public TensorDType? ReplyDType { get; init; }
}
