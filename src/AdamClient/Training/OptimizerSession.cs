using Adam.Client.Internal;
using Google.Protobuf;

namespace Adam.Client;

/// <summary>
/// One worker that trains one session over one stream, from <see cref="AdamClient.OpenSessionAsync"/>. Cheap to open, not thread-safe:
/// one step at a time. Numbers its batches itself.
/// </summary>
/// <remarks>
/// A batch is applied wholly or not at all, and never twice. A step that was refused throws and leaves the session usable. After any
/// other failure, and after a step that was cancelled while it ran, the session is closed (<see cref="IsOpen"/> is false): open it again
/// with the same worker and compare <see cref="NextSequence"/> to learn whether the batch was applied. The service may not have noticed
/// yet that the old stream is gone and refuse with <see cref="WorkerBusyException"/>; <see cref="OpenOptions.Takeover"/> ends it. A token
/// that fires when the result is already here closes the session too, but the result is returned.
/// </remarks>
public sealed class OptimizerSession : IAsyncDisposable
{
    private readonly TrainStream _stream;
    private readonly OpenOptions _defaults;
    private readonly SharedMemoryOpening _sharedMemory;
    private int _state = State.Idle;

    internal OptimizerSession(
        SessionRef session,
        string workerId,
        OpenOptions defaults,
        TrainStream stream,
        V1.TrainOpened opened,
        SharedMemoryOpening sharedMemory)
    {
        _stream = stream;
        _sharedMemory = sharedMemory;
        _defaults = defaults;
        Reference = session with { Uid = opened.SessionUid.Memory, ExpectedGeneration = opened.Generation };
        WorkerId = workerId;
        WorkerEpoch = opened.WorkerEpoch;
        Tensors = TensorMapping.FromWire(opened.Tensors);
        TrainableTensors = [.. Enumerable.Range(0, Tensors.Count).Where(index => Tensors[index].Role == TensorRole.Trainable)];
        LossScale = opened.LossScale;
        MaxChunkBytes = opened.MaxChunkBytes;
        NextSequence = opened.NextSequence;
        Version = opened.Version;
        DurableVersion = opened.DurableVersion;
        ClientCursor = opened.ClientCursor.Memory;
        LastResult = opened.LastResult is { } last ? StepMapping.FromWire(last) : null;
    }

    /// <summary>Names exactly this session with the past that it had when it was opened.</summary>
    public SessionRef Reference { get; }

    /// <summary>The worker.</summary>
    public string WorkerId { get; }

    /// <summary>The epoch of this stream; a higher one fences it.</summary>
    public ulong WorkerEpoch { get; }

    /// <summary>The tensors by index.</summary>
    public IReadOnlyList<TensorSpec> Tensors { get; }

    /// <summary>The indices of those tensors that take gradients, in order.</summary>
    public IReadOnlyList<int> TrainableTensors { get; }

    /// <summary>The loss scale by which the next batch's loss is to be multiplied. 1: none.</summary>
    public double LossScale { get; private set; }

    /// <summary>The largest chunk that goes over the wire, in bytes of elements.</summary>
    public ulong MaxChunkBytes { get; }

    /// <summary>The number that the next batch will carry: 1 for the worker's first one.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>The session's version, as last heard of.</summary>
    public ulong Version { get; private set; }

    /// <summary>The version that would survive a crash of the service, as last heard of; 0 if nothing would.</summary>
    public ulong DurableVersion { get; private set; }

    /// <summary>The session's generation.</summary>
    public ulong Generation => Reference.ExpectedGeneration ?? 0;

    /// <summary>What the worker's last accepted batch carried as <see cref="StepOptions.ClientCursor"/>; empty if nothing.</summary>
    public ReadOnlyMemory<byte> ClientCursor { get; private set; }

    /// <summary>
    /// The result of the worker's last accepted batch, of an earlier stream too if the service still knew it. Null: none.
    /// </summary>
    public StepResult? LastResult { get; private set; }

    /// <summary>False once the stream is over: a failure, a cancelled step or <see cref="DisposeAsync"/> closed it.</summary>
    public bool IsOpen => Volatile.Read(ref _state) != State.Closed;

    /// <summary>Applies a batch that has a gradient for every trainable tensor.</summary>
    /// <param name="gradients">
    /// One entry for each of <see cref="TrainableTensors"/> with all its elements, row-major, as float32, float16 or bfloat16. Read until
    /// the returned task ends, never changed.
    /// </param>
    /// <param name="weights">
    /// One buffer for each of <see cref="Tensors"/>, in its type or as <see cref="StepOptions.ReplyDType"/> says, filled with what
    /// <see cref="StepOptions.Reply"/> says; an empty one leaves its tensor out. After a failure their content is undefined. Null: nothing comes
    /// back.
    /// </param>
    /// <param name="options">What may be said about this batch. Null: nothing.</param>
    /// <param name="cancellationToken">Before the step, it costs nothing; while it runs, it closes the session.</param>
    /// <returns>What became of the batch.</returns>
    /// <exception cref="ArgumentException">Gradients or buffers do not fit the tensors; nothing was sent.</exception>
    /// <exception cref="AdamException">The batch was refused, or the stream ended: see <see cref="IsOpen"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<StepResult> StepAsync(
        IReadOnlyList<ReadOnlyTensorMemory> gradients,
        IReadOnlyList<TensorMemory>? weights = null,
        StepOptions? options = null,
        CancellationToken cancellationToken = default) =>
        StepAsync(GradientBatch.OfAll(gradients, Tensors, TrainableTensors), weights, options ?? StepOptions.Default, cancellationToken);

    /// <summary>Applies a batch in which some tensors have no gradient (Keras's <c>None</c>).</summary>
    /// <param name="gradients">
    /// The gradients that there are, at least one, in Keras's order of gradients, which decides how a global norm is summed. Read until
    /// the returned task ends, never changed.
    /// </param>
    /// <param name="weights">As in the other overload: one buffer for each of <see cref="Tensors"/>.</param>
    /// <param name="options">What may be said about this batch. Null: nothing.</param>
    /// <param name="cancellationToken">Before the step, it costs nothing; while it runs, it closes the session.</param>
    /// <returns>What became of the batch.</returns>
    /// <exception cref="ArgumentException">Gradients or buffers do not fit the tensors; nothing was sent.</exception>
    /// <exception cref="AdamException">The batch was refused, or the stream ended: see <see cref="IsOpen"/>.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public Task<StepResult> StepAsync(
        IReadOnlyList<TensorGradient> gradients,
        IReadOnlyList<TensorMemory>? weights = null,
        StepOptions? options = null,
        CancellationToken cancellationToken = default) =>
        StepAsync(GradientBatch.OfListed(gradients, Tensors), weights, options ?? StepOptions.Default, cancellationToken);

    /// <summary>
    /// Opens memory that this worker shares with a service on the same host, so that steps neither send gradients nor receive weights. The
    /// service must offer it (<c>SharedMemory:Enabled</c>). It lasts as long as this session is open; while it is, steps that send gradients
    /// work as before. Linux only.
    /// </summary>
    /// <param name="socketPath">
    /// Where this process sees the socket of the service that hands out descriptors. Null: where the service says that it is; and if it has
    /// none, the descriptors are opened through <c>/proc</c>, which the same user may.
    /// </param>
    /// <param name="cancellationToken">Ends the opening.</param>
    /// <returns>The memory, to be disposed of before or after this session.</returns>
    /// <exception cref="AdamException">The service does not share memory, or has none left.</exception>
    /// <exception cref="IOException">The memory cannot be reached from this process; says why.</exception>
    /// <exception cref="InvalidOperationException">The session is closed.</exception>
    /// <exception cref="PlatformNotSupportedException">This is not Linux.</exception>
    public Task<SharedTensors> OpenSharedMemoryAsync(string? socketPath = null, CancellationToken cancellationToken = default)
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("The session is closed. Open it again with AdamClient.OpenSessionAsync.");
        }

        return _sharedMemory.RunAsync(this, socketPath, cancellationToken);
    }

    /// <summary>Ends the stream and lets the worker go. The session itself stays in the service.</summary>
    public async ValueTask DisposeAsync()
    {
        switch (Interlocked.Exchange(ref _state, State.Closed))
        {
            case State.Idle:
                await _stream.FinishAsync();
                break;
            case State.Busy:
                _stream.Abort();
                break;
        }

        await _stream.DisposeAsync();
    }

    /// <summary>Whether a step carries a digest.</summary>
    internal bool WantsDigest(StepOptions options) => options.Digest ?? _defaults.Digest;

    /// <summary>Applies a batch whose gradients lie in shared memory.</summary>
    /// <param name="tensors">Which tensors have a gradient, in Keras's order. Null: every trainable one.</param>
    /// <param name="digest">The digest of the gradients, or null.</param>
    /// <param name="options">What may be said about this batch.</param>
    /// <param name="cancellationToken">As in every step.</param>
    internal Task<StepResult> StepSharedAsync(
        IReadOnlyList<int>? tensors, V1.BatchDigest? digest, StepOptions options, CancellationToken cancellationToken)
    {
        if (options.GradientEncoding is not null and not GradientEncoding.AsGiven)
        {
            throw new ArgumentException("Gradients in shared memory are not encoded: they do not travel.", nameof(options));
        }

        var reply = ReplyBuffers.Of(null, ReplyKind.None, null, null, Tensors);
        var begin = Begin(reply, options, StepMapping.ToWire(options), tensors);
        begin.SharedGradients = new V1.SharedGradients
        {
            Commit = new V1.BatchCommit { ClientCursor = ByteString.CopyFrom(options.ClientCursor.Span), Digest = digest },
        };
        return ExchangeAsync(
            token => _stream.SendAsync(new V1.TrainRequest { Begin = begin }, more: false, token), null, reply, options, cancellationToken);
    }

    private Task<StepResult> StepAsync(
        GradientBatch batch,
        IReadOnlyList<TensorMemory>? weights,
        StepOptions options,
        CancellationToken cancellationToken)
    {
        var reply = ReplyBuffers.Of(
            weights, options.Reply ?? _defaults.Reply, options.ReplyDType ?? _defaults.ReplyDType, options.ReplyChangedSince, Tensors);
        var overrides = StepMapping.ToWire(options);
        var gradients = new OutgoingGradients(
            batch,
            options.GradientEncoding ?? _defaults.GradientEncoding,
            _defaults.ErrorFeedback,
            options.Digest ?? _defaults.Digest,
            MaxChunkBytes);
        return ExchangeAsync(
            token => SendAsync(batch, gradients, reply, options, overrides, token), gradients, reply, options, cancellationToken);
    }

    private async Task<StepResult> ExchangeAsync(
        Func<CancellationToken, Task> send,
        OutgoingGradients? gradients,
        ReplyBuffers reply,
        StepOptions options,
        CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Enter();
        var after = State.Closed;
        try
        {
            V1.BatchResult wire;
            StepResult result;
            await using (cancellationToken.UnsafeRegister(static stream => ((TrainStream)stream!).Abort(), _stream))
            {
                await send(cancellationToken);
                wire = await ReceiveResultAsync(cancellationToken);
                result = Take(wire, options);
                if ((result.OriginalOutcome ?? result.Outcome) is StepOutcome.Applied or StepOutcome.Accumulated)
                {
                    gradients?.KeepResiduals();
                }

                if (wire.Outcome != V1.BatchOutcome.Rejected && wire.ReplyKind is not (V1.ReplyKind.Unspecified or V1.ReplyKind.None))
                {
                    await ReceiveReplyAsync(reply, wire.Sequence, cancellationToken);
                    result = result with { ReceivedTensors = reply.Received };
                    LastResult = result;
                }
            }

            // From here on the token has no effect; it may have ended the stream when everything was already here.
            after = _stream.IsAborted ? State.Closed : State.Idle;
            return wire.Outcome == V1.BatchOutcome.Rejected ? throw ErrorTranslator.Translate(wire.Error) : result;
        }
        finally
        {
            // DisposeAsync may have closed the session meanwhile; it stays closed.
            Interlocked.CompareExchange(ref _state, after, State.Busy);
        }
    }

    private async Task SendAsync(
        GradientBatch batch,
        OutgoingGradients gradients,
        ReplyBuffers reply,
        StepOptions options,
        V1.StepOverrides? overrides,
        CancellationToken cancellationToken)
    {
        var begin = Begin(reply, options, overrides, batch.IsComplete ? null : batch.Gradients.Select(gradient => gradient.TensorIndex));
        await _stream.SendAsync(new V1.TrainRequest { Begin = begin }, more: true, cancellationToken);
        var digest = await gradients.SendAsync(_stream, cancellationToken);
        var commit = new V1.BatchCommit { ClientCursor = ByteString.CopyFrom(options.ClientCursor.Span), Digest = digest };
        await _stream.SendAsync(new V1.TrainRequest { Commit = commit }, more: false, cancellationToken);
    }

    private V1.BatchBegin Begin(ReplyBuffers reply, StepOptions options, V1.StepOverrides? overrides, IEnumerable<int>? tensors)
    {
        var begin = new V1.BatchBegin { Sequence = NextSequence, Reply = reply.ToWire(), Overrides = overrides };
        if (options.BaseVersion is { } baseVersion)
        {
            begin.BaseVersion = baseVersion;
        }

        Given.Set(options.LossScaleUsed, value => begin.LossScaleUsed = value);
        if (tensors is null)
        {
            begin.AllTensors = new V1.AllTensors();
        }
        else
        {
            begin.ListedTensors = new V1.TensorIndexes { Indexes = { tensors.Select(static tensor => (uint)tensor) } };
        }

        return begin;
    }

    private async Task<V1.BatchResult> ReceiveResultAsync(CancellationToken cancellationToken)
    {
        var message = await _stream.ReceiveAsync(cancellationToken);
        return message.Result is { } result && result.Sequence == NextSequence
            ? result
            : throw ErrorTranslator.BrokenContract(
                $"The service sent {message.MessageCase} where the result of batch {NextSequence} was due.");
    }

    private async Task ReceiveReplyAsync(ReplyBuffers reply, ulong sequence, CancellationToken cancellationToken)
    {
        V1.TensorSink.Use(reply);
        while (true)
        {
            var message = await _stream.ReceiveAsync(cancellationToken);
            switch (message.MessageCase)
            {
                case V1.TrainResponse.MessageOneofCase.Chunk:
                    reply.Put(message.Chunk);
                    break;
                case V1.TrainResponse.MessageOneofCase.ReplyEnd when message.ReplyEnd.Sequence == sequence:
                    reply.Finish();
                    return;
                default:
                    throw ErrorTranslator.BrokenContract($"The service sent {message.MessageCase} inside the reply to batch {sequence}.");
            }
        }
    }

    // A batch whose number was not used up leaves the number, the last result and the cursor as they are.
    private StepResult Take(V1.BatchResult wire, StepOptions options)
    {
        var result = StepMapping.FromWire(wire);
        Version = wire.Version;
        DurableVersion = wire.DurableVersion;
        LossScale = wire.Metrics?.LossScale ?? LossScale;
        if (wire.Outcome is not (V1.BatchOutcome.Rejected or V1.BatchOutcome.StaleLossScale))
        {
            NextSequence = wire.Sequence + 1;
            LastResult = result;
            ClientCursor = options.ClientCursor.ToArray();
        }

        return result;
    }

    private void Enter()
    {
        switch (Interlocked.CompareExchange(ref _state, State.Busy, State.Idle))
        {
            case State.Busy:
                throw new InvalidOperationException("A step of this session is still running; a session takes one step at a time.");
            case State.Closed:
                throw new InvalidOperationException("The session is closed. Open it again with AdamClient.OpenSessionAsync.");
        }
    }

    private static class State
    {
        public const int Idle = 0;
        public const int Busy = 1;
        public const int Closed = 2;
    }
}
