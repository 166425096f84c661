using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal.Retry;

/// <summary>
/// A call that is made again when it fails. One of its attempts is the one that counts: the first that gets a response, or else the last.
/// Once that is settled, all that the caller sees comes from it.
/// </summary>
internal sealed class RetryingCall<TRequest, TResponse> : IClientCall<TRequest, TResponse>
    where TRequest : class
    where TResponse : class
{
    private readonly string? _host;
    private readonly RetryDecision _decision;
    private readonly RequestLog _requests = new();
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _interruption = new();
    private readonly TaskCompletionSource<Attempt> _committed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // The attempt that runs; null in a pause. All of these are changed under the lock.
    private Attempt? _current;
    private CallOutcome? _interruptedBy;
    private bool _isLast;
    private long _keptBytes;

    private RetryingCall(
        GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options, RetrySettings retry)
    {
        Channel = channel;
        Method = method;

        // All attempts send the same: what the caller does to its metadata meanwhile does not count.
        Options = options.Headers is { } headers ? options.WithHeaders([.. headers]) : options;
        _host = host;
        _decision = new RetryDecision(retry, channel.CreateRetryBackoff(retry), channel.RetryThrottle);
        First = new GrpcCall<TRequest, TResponse>(channel, method, host, Options, watchesHeaders: true);
        ResponseReader = new RetryingStreamReader<TRequest, TResponse>(this);
        RequestWriter = new RetryingStreamWriter<TRequest, TResponse>(this);
        ResponseHeadersAsync = Task.FromException<Metadata>(new InvalidOperationException("The call was not started."));
    }

    public GrpcChannel Channel { get; }

    public Method<TRequest, TResponse> Method { get; }

    public CallOptions Options { get; }

    public IAsyncStreamReader<TResponse> ResponseReader { get; }

    public IClientStreamWriter<TRequest> RequestWriter { get; }

    public Task<Metadata> ResponseHeadersAsync { get; private set; }

    /// <summary>The first attempt. Requests are serialized by it, whichever sends them.</summary>
    public GrpcCall<TRequest, TResponse> First { get; }

    /// <summary>Starts a call of one request.</summary>
    public static RetryingCall<TRequest, TResponse> StartSingle(
        GrpcChannel channel,
        Method<TRequest, TResponse> method,
        string? host,
        CallOptions options,
        RetrySettings retry,
        TRequest request)
    {
        RetryingCall<TRequest, TResponse> call = new(channel, method, host, options, retry);
        if (call.First.TrySerialize(request) is { } message)
        {
            call.Append(message.Frame().ToArray(), isFlushed: true);
            message.Release();
        }

        call._requests.Complete();
        call.Start();
        return call;
    }

    /// <summary>Starts a call of many requests.</summary>
    public static RetryingCall<TRequest, TResponse> StartStream(
        GrpcChannel channel, Method<TRequest, TResponse> method, string? host, CallOptions options, RetrySettings retry)
    {
        RetryingCall<TRequest, TResponse> call = new(channel, method, host, options, retry);
        call.Start();
        return call;
    }

    public Task<TResponse> ReadSingleAsync()
    {
        Task<TResponse> response = ReadAsync();
        response.Observe();
        return response;

        async Task<TResponse> ReadAsync() => await (await FindCommittedAsync()).ReadSingleAsync();
    }

    public Status GetStatus() => CommittedCall().GetStatus();

    public Metadata GetTrailers() => CommittedCall().GetTrailers();

    public void Dispose() => End(new CallOutcome(CallStatuses.CallDisposed, IsLocalCancellation: true), disposes: true);

    /// <summary>Gives the call up for the caller's cancellation, of the call or of one operation on it.</summary>
    public void AbortByCaller(CancellationToken token) =>
        End(new CallOutcome(CallStatuses.CancelledByCaller, IsLocalCancellation: true, token), disposes: false);

    /// <summary>The attempt that counts, once that is settled.</summary>
    public async Task<GrpcCall<TRequest, TResponse>> FindCommittedAsync() => (await _committed.Task).Call;

    /// <summary>Adds a request to those that attempts send. What cannot be kept makes the attempt that runs the last one.</summary>
    public RequestFrame Append(byte[] bytes, bool isFlushed)
    {
        RequestFrame frame = new(bytes, isFlushed);
        lock (_lock)
        {
            if (!_committed.Task.IsCompleted && !_isLast)
            {
                if (Channel.RetryBuffer.TryTake(_keptBytes, bytes.Length))
                {
                    _keptBytes += bytes.Length;
                }
                else
                {
                    _isLast = true;
                    if (_current is { } current)
                    {
                        Commit(current);
                    }
                }
            }

            _requests.Append(frame);
        }

        return frame;
    }

    /// <summary>Says that no request follows.</summary>
    public void CompleteRequests() => _requests.Complete();

    /// <summary>Ends when no attempt will send anything any more.</summary>
    public async Task WhenSilentAsync()
    {
        Attempt attempt = await _committed.Task;
        await Task.WhenAny(attempt.Content?.Finished ?? attempt.Call.Outcome, attempt.Call.Outcome);
    }

    private void Start()
    {
        // What fails already here would fail every time.
        _isLast |= First.Outcome.IsCompleted;
        Attempt first;
        try
        {
            first = Begin(First);
        }
        catch
        {
            // The caller gets no call that it could dispose.
            Channel.RetryBuffer.GiveBack(_keptBytes);
            throw;
        }

        ResponseHeadersAsync = ReadHeadersAsync();
        ResponseHeadersAsync.Observe();
        _ = RunAsync(first);
    }

    private async Task RunAsync(Attempt attempt)
    {
        for (int number = 1; ; number++)
        {
            // 1. A response settles it, whatever it says.
            if (await attempt.Call.HasHeaders)
            {
                lock (_lock)
                {
                    Commit(attempt);
                }

                _decision.OnAnswered(await attempt.Call.Outcome);
                return;
            }

            // 2. So does a failure after which there is no other attempt.
            TimeSpan? pause = _decision.FindPause(await attempt.Call.Outcome, number);
            lock (_lock)
            {
                if (pause is null || _committed.Task.IsCompleted)
                {
                    Commit(attempt);
                    return;
                }

                _current = null;
            }

            // 3. Otherwise there is one, unless the call ends in the pause.
            attempt.Call.Dispose();
            CallOutcome? interruption = await PauseAsync(pause.Value);
            GrpcCall<TRequest, TResponse> next = new(Channel, Method, _host, Options, previousAttempts: number, watchesHeaders: true);
            attempt = Begin(next, interruption);
        }
    }

    /// <summary>Makes an attempt the one that runs.</summary>
    private Attempt Begin(GrpcCall<TRequest, TResponse> call, CallOutcome? interruption = null)
    {
        ReplayContent? content = interruption is null ? new ReplayContent(_requests) : null;
        if (interruption is not null)
        {
            call.Abort(interruption);
        }

        call.Start(content);
        Attempt attempt = new(call, content);
        CallOutcome? late;
        lock (_lock)
        {
            _current = attempt;
            late = _interruptedBy;
            if (_isLast)
            {
                Commit(attempt);
            }
        }

        if (late is not null)
        {
            call.Abort(late);
        }

        return attempt;
    }

    /// <summary>Waits. In the meantime the call has no attempt that would notice its end.</summary>
    /// <returns>What ended the call; null when nothing did.</returns>
    private async Task<CallOutcome?> PauseAsync(TimeSpan pause)
    {
        using CallTimer? timer = StartDeadline();
        using CancellationTokenRegistration caller = Options.CancellationToken.UnsafeRegister(
            static (state, token) => ((RetryingCall<TRequest, TResponse>)state!).AbortByCaller(token), this);
        using CancellationTokenRegistration channel = Channel.Disposal.UnsafeRegister(
            static state => ((RetryingCall<TRequest, TResponse>)state!).Interrupt(CallStatuses.ChannelDisposed), this);
        await Task.Delay(pause, Channel.TimeProvider, _interruption.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_lock)
        {
            return _interruptedBy;
        }
    }

    private CallTimer? StartDeadline()
    {
        if (Options.Deadline is not DateTime deadline || deadline == DateTime.MaxValue)
        {
            return null;
        }

        TimeSpan remaining = new DateTimeOffset(deadline.ToUniversalTime()) - Channel.TimeProvider.GetUtcNow();
        return CallTimer.Start(
            Channel.TimeProvider,
            remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero,
            () => Interrupt(CallStatuses.DeadlineExceeded));
    }

    private void Interrupt(Status reason) =>
        End(new CallOutcome(reason, IsLocalCancellation: true), disposes: false);

    /// <summary>
    /// Ends the attempt that runs, and the pause. That attempt may have failed already, and the pause be about to begin: until it is settled
    /// which attempt counts, the end is remembered as well.
    /// </summary>
    private void End(CallOutcome outcome, bool disposes)
    {
        Attempt? current;
        lock (_lock)
        {
            current = _current;
            if (!_committed.Task.IsCompleted)
            {
                _interruptedBy ??= outcome;
            }
        }

        if (disposes)
        {
            current?.Call.Dispose();
        }
        else
        {
            current?.Call.Abort(outcome);
        }

        _interruption.Cancel();
    }

    /// <summary>Settles which attempt counts. Called under the lock.</summary>
    private void Commit(Attempt attempt)
    {
        if (_committed.Task.IsCompleted)
        {
            return;
        }

        // The buffer comes first: whoever sees the end of the call may rely on its room.
        _requests.KeepFor(attempt.Content);
        Channel.RetryBuffer.GiveBack(_keptBytes);
        _keptBytes = 0;
        _committed.SetResult(attempt);
    }

    private async Task<Metadata> ReadHeadersAsync() => await (await FindCommittedAsync()).ResponseHeadersAsync;

    private GrpcCall<TRequest, TResponse> CommittedCall() => _committed.Task.IsCompletedSuccessfully
        ? _committed.Task.Result.Call
        : throw new InvalidOperationException("The call has not ended yet.");

    private sealed record Attempt(GrpcCall<TRequest, TResponse> Call, ReplayContent? Content);
}
