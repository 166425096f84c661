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

    /// <summary>
    /// How long the session tries to get its connection back when it breaks, or when the service restarts or is unavailable for any reason. Steps that are
    /// under way wait meanwhile; each is applied once and returns its result as if nothing had happened (<see cref="StepResult.WasInterrupted"/>), or throws
    /// one error: <see cref="GenerationChangedException"/>, <see cref="SessionNotFoundException"/>, <see cref="WorkerFencedException"/>, or an
    /// <see cref="AdamException"/> of <see cref="Grpc.Core.StatusCode.Unavailable"/> with the last cause when the time is over. The time begins with a break and
    /// ends with the next batch that comes through; the first attempt is made at once, pauses grow to 5 seconds. Zero or more,
    /// or <see cref="Timeout.InfiniteTimeSpan"/>. Zero: never; a break closes the session, as it does once
    /// <see cref="OptimizerSession.OpenSharedMemoryAsync"/> was called, whose memory ends with the stream. Default: 5 minutes.
    /// </summary>
    public TimeSpan ReconnectTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How the elements of replies travel unless a step says otherwise, as <see cref="StepOptions.ReplyDType"/>. Default: null.</summary>
    public TensorDType? ReplyDType { get; init; }
}
