using Adam.Client.Internal;

namespace Adam.Client;

/// <summary>
/// One worker that trains one session over one stream, from <see cref="AdamClient.OpenSessionAsync"/>. Cheap to open. Not thread-safe, but a step may
/// be begun while earlier ones are under way. Numbers its batches itself.
/// </summary>
/// <remarks>
/// <para>
/// A batch is applied wholly or not at all, and never twice. When the connection breaks or the service restarts, the session opens its stream again
/// (<see cref="OpenOptions.ReconnectTimeout"/>), asks what was applied, and sends the rest once more: gradients, rows and cursors have to stay as they are until
/// the step has ended.
/// </para>
/// <para>
/// Steps that overlap are sent and answered in the order of the calls; as many travel as the service gives credits for, further ones wait. Each needs buffers of its
/// own if its reply is to outlast the next. When a batch is refused (or is <see cref="StepOutcome.StaleLossScale"/>), those that were begun behind it and before
/// all of them had ended throw <see cref="SequenceGapException"/> and change nothing; then the session goes on. With <see cref="ErrorFeedback"/> a batch is sent
/// when the result of the one before is here, and while its reply still comes.
/// </para>
/// <para>
/// A step that was refused throws and leaves the session usable. After any other failure, and after a step that was cancelled while it ran, the session is
/// closed (<see cref="IsOpen"/> is false), and all steps under way end: open it again
/// with the same worker and compare <see cref="NextSequence"/> to learn whether the batch was applied. The service may not have noticed
/// yet that the old stream is gone and refuse with <see cref="WorkerBusyException"/>; <see cref="OpenOptions.Takeover"/> ends it. A token
/// that fires when the result is already here closes the session too, but the result is returned.
/// </para>
/// </remarks>
public sealed class OptimizerSession : IAsyncDisposable
{
    private readonly OpenOptions _defaults;
    private readonly WorkerStanding _standing;
    private readonly BatchPipeline _pipeline;
    private readonly SharedMemoryOpening _sharedMemory;

    internal OptimizerSession(OpenOptions defaults, WorkerStanding standing, BatchPipeline pipeline, SharedMemoryOpening sharedMemory)
    {
        (_defaults, _standing, _pipeline, _sharedMemory) = (defaults, standing, pipeline, sharedMemory);
        TrainableTensors = [.. Enumerable.Range(0, Tensors.Count).Where(index => Tensors[index].Role == TensorRole.Trainable)];
    }

    /// <summary>Names exactly this session with the past that it had when it was opened.</summary>
    public SessionRef Reference => _standing.Reference;

    /// <summary>The worker.</summary>
    public string WorkerId => _standing.WorkerId;

    /// <summary>The epoch of the stream, another one after each reconnect; a higher one of somebody else fences it.</summary>
    public ulong WorkerEpoch => _standing.WorkerEpoch;

    /// <summary>The tensors by index.</summary>
    public IReadOnlyList<TensorSpec> Tensors => _standing.Tensors;

    /// <summary>The indices of those tensors that take gradients, in order.</summary>
    public IReadOnlyList<int> TrainableTensors { get; }

    /// <summary>The loss scale by which the next batch's loss is to be multiplied. 1: none.</summary>
    public double LossScale => _standing.LossScale;

    /// <summary>The largest chunk that goes over the wire, in bytes of elements.</summary>
    public ulong MaxChunkBytes => _standing.MaxChunkBytes;

    /// <summary>How many steps may travel at a time, at least 1; further ones wait.</summary>
    public int Credits => _standing.Credits;

    /// <summary>
    /// The number that the next batch will carry if no step is under way: 1 for the worker's first one, one more for each result that used up its number.
    /// </summary>
    public ulong NextSequence => _standing.NextSequence;

    /// <summary>The session's version, as last heard of.</summary>
    public ulong Version => _standing.Version;

    /// <summary>The version that would survive a crash of the service, as last heard of; 0 if nothing would.</summary>
    public ulong DurableVersion => _standing.DurableVersion;

    /// <summary>The session's generation.</summary>
    public ulong Generation => Reference.ExpectedGeneration ?? 0;

    /// <summary>What the worker's last accepted batch carried as <see cref="StepOptions.ClientCursor"/>; empty if nothing.</summary>
    public ReadOnlyMemory<byte> ClientCursor => _standing.ClientCursor;

    /// <summary>
    /// The result of the worker's last accepted batch, of an earlier stream too if the service still knew it. Null: none.
    /// </summary>
    public StepResult? LastResult => _standing.LastResult;

    /// <summary>How often the stream was opened again since the session was opened.</summary>
    public int Reconnects => _pipeline.Reconnects;

    /// <summary>False once the session is over: a failure, a cancelled step or <see cref="DisposeAsync"/> closed it.</summary>
    public bool IsOpen => _pipeline.IsOpen;

    /// <summary>Applies a batch that has a gradient for every trainable tensor.</summary>
    /// <param name="gradients">
    /// One entry for each of <see cref="TrainableTensors"/> with all its elements, row-major, as float32, float16 or bfloat16. Read until
    /// the returned task ends, more than once if the connection breaks; never changed. They must not change either.
    /// </param>
    /// <param name="weights">
    /// One buffer for each of <see cref="Tensors"/>, in its type or as <see cref="StepOptions.ReplyDType"/> says, filled with what
    /// <see cref="StepOptions.Reply"/> says; an empty one leaves its tensor out. After a failure their content is undefined. Null: nothing comes
    /// back.
    /// </param>
    /// <param name="options">What may be said about this batch. Null: nothing.</param>
    /// <param name="cancellationToken">Before the step, it costs nothing; while it runs or waits, it closes the session.</param>
    /// <returns>What became of the batch.</returns>
    /// <exception cref="ArgumentException">Gradients or buffers do not fit the tensors; nothing was sent.</exception>
    /// <exception cref="AdamException">The batch was refused, or the session cannot go on: see <see cref="IsOpen"/>.</exception>
    /// <exception cref="SequenceGapException">A batch that was under way before this one did not use up its number; nothing was applied.</exception>
    /// <exception cref="GenerationChangedException">The service came back with another past; the session is closed.</exception>
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
    /// the returned task ends, more than once if the connection breaks; never changed. They must not change either.
    /// </param>
    /// <param name="weights">As in the other overload: one buffer for each of <see cref="Tensors"/>.</param>
    /// <param name="options">What may be said about this batch. Null: nothing.</param>
    /// <param name="cancellationToken">Before the step, it costs nothing; while it runs or waits, it closes the session.</param>
    /// <returns>What became of the batch.</returns>
    /// <exception cref="ArgumentException">Gradients or buffers do not fit the tensors; nothing was sent.</exception>
    /// <exception cref="AdamException">The batch was refused, or the session cannot go on: see <see cref="IsOpen"/>.</exception>
    /// <exception cref="SequenceGapException">A batch that was under way before this one did not use up its number; nothing was applied.</exception>
    /// <exception cref="GenerationChangedException">The service came back with another past; the session is closed.</exception>
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
    /// work as before, but a connection that breaks closes the session. Linux only.
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
    public async Task<SharedTensors> OpenSharedMemoryAsync(string? socketPath = null, CancellationToken cancellationToken = default)
    {
        if (!IsOpen)
        {
            throw new InvalidOperationException("The session is closed. Open it again with AdamClient.OpenSessionAsync.");
        }

        // The memory is the stream's: with another one it would show weights that nobody updates.
        var isNowFixed = _pipeline.StayOnThisStream();
        try
        {
            return await _sharedMemory.RunAsync(this, socketPath, cancellationToken);
        }
        catch when (isNowFixed)
        {
            _pipeline.LeaveThisStream();
            throw;
        }
    }

    /// <summary>Ends the stream and lets the worker go. The session itself stays in the service. Steps that are under way fail.</summary>
    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

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

        var overrides = StepMapping.ToWire(options);
        var reply = ReplyBuffers.Of(null, ReplyKind.None, null, null, Tensors);
        var batch = new PendingBatch(reply, options, null, (pending, connection) =>
        {
            var begin = BatchMapping.Begin(pending, overrides, tensors);
            begin.SharedGradients = new V1.SharedGradients { Commit = BatchMapping.Commit(pending, digest) };
            return connection.Stream.SendAsync(new V1.TrainRequest { Begin = begin }, more: false);
        });
        return _pipeline.RunAsync(batch, alone: true, cancellationToken);
    }

    private Task<StepResult> StepAsync(
        GradientBatch gradients,
        IReadOnlyList<TensorMemory>? weights,
        StepOptions options,
        CancellationToken cancellationToken)
    {
        var reply = ReplyBuffers.Of(
            weights, options.Reply ?? _defaults.Reply, options.ReplyDType ?? _defaults.ReplyDType, options.ReplyChangedSince, Tensors);
        var overrides = StepMapping.ToWire(options);
        var listed = gradients.IsComplete ? null : gradients.Gradients.Select(static gradient => gradient.TensorIndex);
        var outgoing = new OutgoingGradients(
            gradients, options.GradientEncoding ?? _defaults.GradientEncoding, _defaults.ErrorFeedback, WantsDigest(options), Tensors);
        var batch = new PendingBatch(reply, options, outgoing, async (pending, connection) =>
        {
            await connection.Stream.SendAsync(new V1.TrainRequest { Begin = BatchMapping.Begin(pending, overrides, listed) }, more: true);
            pending.Digest = await outgoing.SendAsync(connection);
            var commit = BatchMapping.Commit(pending, pending.Digest);
            await connection.Stream.SendAsync(new V1.TrainRequest { Commit = commit }, more: false);
        });
        return _pipeline.RunAsync(batch, alone: false, cancellationToken);
    }
}
