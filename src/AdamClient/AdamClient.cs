using Adam.Client.Internal;
using Grpc.Core;
using Grpc.Core.Interceptors;
using Grpc.Net.Client;

namespace Adam.Client;

/// <summary>
/// The way to one optimizer service. Thread-safe and long-lived: make one for the process and share it. Nothing is sent before the
/// first call. Every call throws <see cref="AdamException"/> when it was refused or the service could not be reached, and
/// <see cref="OperationCanceledException"/> when it was cancelled.
/// </summary>
public sealed class AdamClient : IAsyncDisposable, IDisposable
{
    private readonly GrpcChannel? _channel;
    private readonly CallInvoker _invoker;
    private readonly CallPolicy _policy;
    private readonly SessionsApi _sessions;
    private readonly TensorsApi _tensors;
    private readonly V1.Checkpoints.CheckpointsClient _checkpointsStub;
    private readonly CheckpointsApi _checkpoints;
    private readonly SessionOpening _opening;

    /// <summary>Makes a client.</summary>
    /// <param name="options">Where the service is, and how to reach it.</param>
    /// <exception cref="ArgumentException">Something is wrong with the options; the message has all of it.</exception>
    /// <exception cref="PlatformNotSupportedException">The processor is big-endian.</exception>
    public AdamClient(AdamClientOptions options)
        : this(options, OpenChannel(options))
    {
    }

    private AdamClient(AdamClientOptions options, GrpcChannel channel)
        : this(options, channel.Intercept(CallDefaults.Create(options)))
    {
        _channel = channel;
    }

    internal AdamClient(AdamClientOptions options, CallInvoker invoker)
    {
        _invoker = invoker;
        _policy = new CallPolicy(options.CallTimeout);
        _sessions = new SessionsApi(new V1.Sessions.SessionsClient(invoker), _policy);
        _tensors = new TensorsApi(_invoker);
        _checkpointsStub = new V1.Checkpoints.CheckpointsClient(invoker);
        _checkpoints = new CheckpointsApi(_checkpointsStub, _policy);
        _opening = new SessionOpening(_invoker, _policy, options.CallAttempts, options.TimeProvider);
        WorkerId = options.WorkerId ?? $"worker-{Guid.NewGuid():N}";
    }

    /// <summary>The worker that <see cref="OpenSessionAsync"/> uses unless it is told another one.</summary>
    public string WorkerId { get; }

    /// <summary>Makes a client.</summary>
    /// <param name="address"><c>http://host:port</c>, <c>https://host:port</c> or <c>unix:///path/to.sock</c>.</param>
    /// <param name="options">Everything but the address. Null: the defaults.</param>
    /// <exception cref="UriFormatException">The address is not one.</exception>
    /// <exception cref="ArgumentException">Something is wrong with the options; the message has all of it.</exception>
    public static AdamClient ForAddress(string address, AdamClientOptions? options = null) =>
        ForAddress(new Uri(address, UriKind.Absolute), options);

    /// <summary>Makes a client.</summary>
    /// <param name="address"><c>http://host:port</c>, <c>https://host:port</c> or <c>unix:///path/to.sock</c>.</param>
    /// <param name="options">Everything but the address. Null: the defaults.</param>
    /// <exception cref="ArgumentException">Something is wrong with the options; the message has all of it.</exception>
    public static AdamClient ForAddress(Uri address, AdamClientOptions? options = null) =>
        new((options ?? new AdamClientOptions()).At(address));

    /// <summary>Makes a session, or returns the one that the same specification made before.</summary>
    /// <param name="spec">What it is to be.</param>
    /// <param name="cancellationToken">Ends the call; the session may have been made.</param>
    /// <returns>The session; <see cref="SessionInfo.IsNew"/> says whether this call made it.</returns>
    /// <exception cref="ArgumentException">The initial weights do not fit the tensors.</exception>
    /// <exception cref="InvalidOptimizerException">Keras refuses these settings.</exception>
    /// <exception cref="SessionExistsException">
    /// The id belongs to a session that was specified differently. Weights are compared where they fit into one message:
    /// <see cref="SessionSpec.InitialWeights"/>.
    /// </exception>
    public Task<SessionInfo> CreateSessionAsync(SessionSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return new SessionCreation(_sessions, _tensors).RunAsync(spec, cancellationToken);
    }

    /// <summary>Says what a session would cost, and whether it would be made now, without making it.</summary>
    /// <param name="spec">What it would be. Its weights are not looked at.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The estimate. Nothing is reserved: it may be otherwise a moment later.</returns>
    /// <exception cref="InvalidOptimizerException">Keras refuses these settings.</exception>
    /// <exception cref="SessionExistsException">The id belongs to a session that was specified differently.</exception>
    public Task<SessionEstimate> EstimateAsync(SessionSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        return _sessions.EstimateAsync(SessionCreation.ToRequest(spec), cancellationToken);
    }

    /// <summary>
    /// Opens a session for training: one stream for one worker, which is opened anew when it breaks (<see cref="OpenOptions.ReconnectTimeout"/>). While the
    /// service is unavailable it is tried <see cref="AdamClientOptions.CallAttempts"/> times.
    /// </summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="options">Who trains, and what comes back. Null: the defaults.</param>
    /// <param name="cancellationToken">Ends the opening; without effect once the session was returned.</param>
    /// <returns>
    /// The open session, to be disposed. It says where the worker stands: <see cref="OptimizerSession.NextSequence"/>, <see cref="OptimizerSession.Version"/>,
    /// <see cref="OptimizerSession.LastResult"/> and <see cref="OptimizerSession.ClientCursor"/>.
    /// </returns>
    /// <exception cref="ArgumentException"><see cref="OpenOptions.ReconnectTimeout"/> is below zero.</exception>
    /// <exception cref="SessionNotFoundException">There is no such session.</exception>
    /// <exception cref="WorkerBusyException">The worker has a living stream, and <see cref="OpenOptions.Takeover"/> is false.</exception>
    public Task<OptimizerSession> OpenSessionAsync(
        SessionRef session,
        OpenOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        options ??= new OpenOptions();
        if (options.ReconnectTimeout < TimeSpan.Zero && options.ReconnectTimeout != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentException(
                $"ReconnectTimeout must be zero or more, or Timeout.InfiniteTimeSpan. Received: {options.ReconnectTimeout}.", nameof(options));
        }

        return _opening.RunAsync(session, options, WorkerId, cancellationToken);
    }

    /// <summary>Returns one session.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The session as it is now.</returns>
    /// <exception cref="SessionNotFoundException">There is no such session.</exception>
    public Task<SessionInfo> GetSessionAsync(SessionRef session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _sessions.GetAsync(session, cancellationToken);
    }

    /// <summary>Lists sessions in the order of their ids, fetching a page when it is needed. Tensors and workers are left out.</summary>
    /// <param name="labels">Every one of these labels must be there with this value. Null or empty: all sessions.</param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public IAsyncEnumerable<SessionInfo> ListSessionsAsync(
        IReadOnlyDictionary<string, string>? labels = null,
        CancellationToken cancellationToken = default) => _sessions.ListAsync(labels, cancellationToken);

    /// <summary>Changes the learning rate from the next step on.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="learningRate">A number or a schedule; a schedule replaces whatever was there.</param>
    /// <param name="replaceSchedule">True lets a number take the place of an active schedule.</param>
    /// <param name="group">The index of the group.</param>
    /// <param name="cancellationToken">Ends the call; the change may have been made.</param>
    /// <returns>The session after the change.</returns>
    /// <exception cref="ScheduleActiveException">A schedule is active and was not to be replaced.</exception>
    public Task<SessionInfo> UpdateLearningRateAsync(
        SessionRef session,
        LearningRate learningRate,
        bool replaceSchedule = false,
        int group = 0,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(learningRate);
        ArgumentOutOfRangeException.ThrowIfNegative(group);
        return _sessions.UpdateLearningRateAsync(session, learningRate, replaceSchedule, group, cancellationToken);
    }

    /// <summary>Replaces all labels.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="labels">At most 64, keys of 1 to 63 bytes, values of up to 255.</param>
    /// <param name="cancellationToken">Ends the call; the change may have been made.</param>
    /// <returns>The session after the change.</returns>
    public Task<SessionInfo> UpdateLabelsAsync(
        SessionRef session,
        IReadOnlyDictionary<string, string> labels,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(labels);
        return _sessions.UpdateLabelsAsync(session, labels, cancellationToken);
    }

    /// <summary>Ends a session and frees what it held. Open streams see <see cref="SessionDeletedException"/>.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="cancellationToken">Ends the call; the session may be gone.</param>
    /// <exception cref="SessionNotFoundException">There is no such session.</exception>
    public Task DeleteSessionAsync(SessionRef session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _sessions.DeleteAsync(session, cancellationToken);
    }

    /// <summary>Ends every session that has all of these labels. Those that get them while the call runs may be left.</summary>
    /// <param name="labels">At least one, so that nobody ends all sessions by leaving them out.</param>
    /// <param name="cancellationToken">Ends the call; some of the sessions may be gone.</param>
    /// <returns>How many were ended.</returns>
    /// <exception cref="ArgumentException">There are no labels.</exception>
    public Task<ulong> DeleteSessionsAsync(IReadOnlyDictionary<string, string> labels, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(labels);
        return labels.Count > 0
            ? _sessions.DeleteAsync(labels, cancellationToken)
            : throw new ArgumentException("Say at least one label: without labels this would end every session.", nameof(labels));
    }

    /// <summary>
    /// Overwrites the weights with their moving averages, as Keras's <c>finalize_variable_values</c> does at the end of <c>fit</c>.
    /// Without <see cref="AdamSettings.UseEma"/> nothing changes, as in Keras.
    /// </summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="cancellationToken">Ends the call; the change may have been made.</param>
    /// <returns>The session after the change.</returns>
    public Task<SessionInfo> FinalizeSessionAsync(SessionRef session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _sessions.FinalizeAsync(session, cancellationToken);
    }

    /// <summary>Reads weights or slots of one version into memory of its own.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="options">What is to be read. Null: all weights.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The values, and which version they are of.</returns>
    /// <exception cref="ArgumentException">No slot is asked for, or a tensor that the session does not have.</exception>
    /// <exception cref="SessionNotInitializedException">Some tensors have no values yet.</exception>
    public Task<ReadResult> ReadTensorsAsync(
        SessionRef session,
        ReadOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return new TensorReading(_sessions, _tensors).RunAsync(session, options ?? ReadOptions.Default, cancellationToken);
    }

    /// <summary>Reads one slot of every tensor into buffers of the caller.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="destinations">
    /// One buffer for each tensor with exactly its elements in its type, an empty one where a tensor does not have the slot. After a failure
    /// their content is undefined.
    /// </param>
    /// <param name="slot">The slot.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Which version was read.</returns>
    /// <exception cref="ArgumentException">The buffers do not fit the tensors; nothing was read.</exception>
    /// <exception cref="SessionNotInitializedException">Some tensors have no values yet.</exception>
    public Task<TensorVersion> ReadTensorsAsync(
        SessionRef session,
        IReadOnlyList<TensorMemory> destinations,
        TensorSlot slot = TensorSlot.Weights,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(destinations);
        return ReadTensorsAsync(session, destinations, new ReadIntoOptions { Slot = slot }, cancellationToken);
    }

    /// <summary>Reads one slot into buffers of the caller, in a shorter type or only what has changed.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="destinations">
    /// One buffer for each tensor with exactly its elements, in the type that <paramref name="options"/> ask for or in float32, an empty one
    /// where a tensor does not have the slot. After a failure their content is undefined.
    /// </param>
    /// <param name="options">What is to be read.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Which version was read, and which buffers were filled.</returns>
    /// <exception cref="ArgumentException">The buffers do not fit the tensors; nothing was read.</exception>
    /// <exception cref="SessionNotInitializedException">Some tensors have no values yet.</exception>
    public Task<TensorVersion> ReadTensorsAsync(
        SessionRef session,
        IReadOnlyList<TensorMemory> destinations,
        ReadIntoOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(destinations);
        ArgumentNullException.ThrowIfNull(options);
        return new TensorReading(_sessions, _tensors).RunAsync(session, destinations, options, cancellationToken);
    }

    /// <summary>Overwrites weights or slots, all or nothing.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="writes">What is written. Read until the returned task ends, never changed.</param>
    /// <param name="options">What may be said about the write. Null: nothing.</param>
    /// <param name="cancellationToken">Ends the call; the write may have been made.</param>
    /// <returns>The session after the write.</returns>
    /// <exception cref="ArgumentException">Values do not fit their tensor; nothing was sent.</exception>
    /// <exception cref="TensorMismatchException">One slot of a tensor is written twice.</exception>
    public Task<WriteResult> WriteTensorsAsync(
        SessionRef session,
        IReadOnlyList<TensorWrite> writes,
        WriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(writes);
        return new TensorWriting(_sessions, _tensors).RunAsync(session, writes, options ?? WriteOptions.Default, cancellationToken);
    }

    /// <summary>Makes a session from the state of another: its tensors, slots, counters and settings, none of its workers.</summary>
    /// <param name="session">The parent; an id is enough. It is not changed.</param>
    /// <param name="newSessionId">The id of the child, <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$</c>. Null: the service makes one.</param>
    /// <param name="options">From when the child goes on, and what of it differs. Null: the present state, as the parent.</param>
    /// <param name="cancellationToken">Ends the call; the child may have been made.</param>
    /// <returns>The child. <see cref="SessionInfo.Lineage"/> says where it came from.</returns>
    /// <exception cref="SessionNotFoundException">There is no such parent.</exception>
    /// <exception cref="SessionExistsException">There is a session of the new id.</exception>
    /// <exception cref="AdamException">
    /// <see cref="AdamErrorReason.IterationNotRetained"/>: <see cref="ForkOptions.AtIterations"/> is no longer kept, or has not been reached.
    /// </exception>
    public Task<SessionInfo> ForkSessionAsync(
        SessionRef session,
        string? newSessionId = null,
        ForkOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _sessions.ForkAsync(session, newSessionId, options ?? new ForkOptions(), cancellationToken);
    }

    /// <summary>
    /// Writes the session's present state to the service's disk under an id. It stays until it is deleted, with the session at the latest. Saving again
    /// under the same id while the session has not changed gives the same checkpoint.
    /// </summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="checkpointId">The id, <c>^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$</c>. Null: the service makes one of generation and version.</param>
    /// <param name="cancellationToken">Ends the call; the checkpoint may have been saved.</param>
    /// <returns>The checkpoint. It is on disk.</returns>
    /// <exception cref="CheckpointExistsException">
    /// The id has a checkpoint of another version. That may be the one which this call saved, if its answer was lost, the call was made again
    /// (<see cref="AdamClientOptions.CallAttempts"/>) and the session was trained in between.
    /// </exception>
    /// <exception cref="StorageException">The service keeps nothing on disk, or the disk is full or has failed.</exception>
    /// <exception cref="LimitExceededException">There is no memory for a copy of the state.</exception>
    public Task<CheckpointInfo> SaveCheckpointAsync(
        SessionRef session, string? checkpointId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _checkpoints.SaveAsync(session, checkpointId, cancellationToken);
    }

    /// <summary>Lists the checkpoints of a session, newest first, fetching a page when it is needed.</summary>
    /// <param name="session">
    /// The session; an id is enough. It may be one that an earlier start of the service had in memory only, and that has left checkpoints.
    /// </param>
    /// <param name="cancellationToken">Ends the listing.</param>
    public IAsyncEnumerable<CheckpointInfo> ListCheckpointsAsync(SessionRef session, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        return _checkpoints.ListAsync(session, cancellationToken);
    }

    /// <summary>
    /// Puts a session back to a checkpoint, what it knows of its workers included. Version and generation rise; open sessions see
    /// <see cref="GenerationChangedException"/>. Settings such as <see cref="AdamSettings.Beta1"/> stay the session's own.
    /// </summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="checkpointId">The checkpoint.</param>
    /// <param name="source">Whose checkpoint it is; it must have the same tensors and slots. Null: the session's own.</param>
    /// <param name="cancellationToken">Ends the call; the session may have been restored.</param>
    /// <returns>The session after the restore.</returns>
    /// <exception cref="CheckpointNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="CheckpointMismatchException">It has other tensors or slots; the session is as it was.</exception>
    /// <exception cref="CheckpointDamagedException">Its file is damaged; the session is as it was.</exception>
    /// <exception cref="StorageException">The service keeps nothing on disk, or the disk is full or has failed.</exception>
    public Task<SessionInfo> RestoreCheckpointAsync(
        SessionRef session, string checkpointId, SessionRef? source = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentException.ThrowIfNullOrEmpty(checkpointId);
        return _checkpoints.RestoreAsync(session, checkpointId, source, cancellationToken);
    }

    /// <summary>Reads a checkpoint through, on the service, and compares its checksums.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="checkpointId">The checkpoint.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Whether it is intact, and what is wrong if not.</returns>
    /// <exception cref="CheckpointNotFoundException">There is no such checkpoint.</exception>
    public Task<CheckpointVerification> VerifyCheckpointAsync(
        SessionRef session, string checkpointId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentException.ThrowIfNullOrEmpty(checkpointId);
        return _checkpoints.VerifyAsync(session, checkpointId, cancellationToken);
    }

    /// <summary>Deletes a checkpoint.</summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="checkpointId">The checkpoint.</param>
    /// <param name="cancellationToken">Ends the call; the checkpoint may be gone.</param>
    /// <exception cref="CheckpointNotFoundException">There is no such checkpoint.</exception>
    public Task DeleteCheckpointAsync(SessionRef session, string checkpointId, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentException.ThrowIfNullOrEmpty(checkpointId);
        return _checkpoints.DeleteAsync(session, checkpointId, cancellationToken);
    }

    /// <summary>
    /// Writes a session, or a checkpoint of it, as one safetensors file. The service need not keep anything on disk. No more than a few
    /// messages of it are in memory here at any time.
    /// </summary>
    /// <param name="session">The session; an id is enough.</param>
    /// <param name="destination">Where the file goes. After a failure it has some of it; it is neither flushed nor closed.</param>
    /// <param name="checkpointId">The checkpoint. Null: the session's present state.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>What was written.</returns>
    /// <exception cref="CheckpointNotFoundException">There is no such checkpoint.</exception>
    /// <exception cref="CheckpointDamagedException">The head of its file is damaged.</exception>
    /// <exception cref="LimitExceededException">There is no memory for a copy of the present state.</exception>
    public Task<ExportResult> ExportSessionAsync(
        SessionRef session, Stream destination, string? checkpointId = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(destination);
        return new SessionExport(_checkpointsStub).RunAsync(session, checkpointId, destination, cancellationToken);
    }

    /// <summary>
    /// Makes a session of a file that <see cref="ExportSessionAsync"/> wrote, on this service or another one. It has a <see cref="SessionInfo.Uid"/> of its own
    /// and generation 1, and knows the workers that the file has. Nobody finds it before all of the file has come intact.
    /// </summary>
    /// <param name="source">The file, read from where the stream stands to its end.</param>
    /// <param name="options">What is made of it. Null: as the file has it, under an id that the service makes.</param>
    /// <param name="cancellationToken">Ends the call; the session may have been made if all of the file was read.</param>
    /// <returns>The session.</returns>
    /// <exception cref="CheckpointDamagedException">The file is damaged or cut, or no session's; nothing was made.</exception>
    /// <exception cref="SessionExistsException">There is a session of this id.</exception>
    /// <exception cref="LimitExceededException">There is no room for it.</exception>
    public Task<SessionInfo> ImportSessionAsync(Stream source, ImportOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new SessionImport(_checkpointsStub).RunAsync(source, options ?? new ImportOptions(), cancellationToken);
    }

    /// <summary>Cancels all calls and closes the connections.</summary>
    public void Dispose() => _channel?.Dispose();

    /// <summary>Cancels all calls and closes the connections.</summary>
    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    private static GrpcChannel OpenChannel(AdamClientOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Tensors travel as little-endian bytes and are not converted.");
        }

        var errors = AdamClientOptionsValidator.Errors(options).ToList();
        if (errors.Count > 0)
        {
            throw new ArgumentException(string.Join(' ', errors), nameof(options));
        }

        return GrpcChannel.ForAddress(
            options.Address!.Scheme == UnixSocket.Scheme ? UnixSocket.HttpAddress : options.Address,
            new GrpcChannelOptions
            {
                MaxReceiveMessageSize = options.MaxReceiveMessageBytes,
                HttpHandler = options.HttpHandler ?? ServiceHandler.Create(options),
                DisposeHttpClient = options.HttpHandler is null,
                ServiceConfig = RepeatableCalls.Configure(options.CallAttempts),
                MaxRetryAttempts = options.CallAttempts,
                MaxRetryBufferPerCallSize = RepeatableCalls.RequestBytesMax,

                // The options were refused where that would not be right.
                UnsafeUseInsecureChannelCallCredentials = true,
            });
    }
}
