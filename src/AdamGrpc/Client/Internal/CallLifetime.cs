using Grpc.Core;
using Grpc.Core.Internal;

namespace Grpc.Net.Client.Internal;

/// <summary>
/// How long a call lives: until its outcome is set, once, by whoever comes first: the server's status, a failure of the connection, the
/// deadline, the caller's cancellation. What was held for the call is let go then.
/// </summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly CancellationTokenSource _abort = new();
    private readonly TaskCompletionSource<CallOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<bool>? _headers;
    private CallTimer? _timer;
    private CancellationTokenRegistration _callerRegistration;
    private CancellationTokenRegistration _channelRegistration;
    private RequestContent? _content;
    private volatile bool _isHeld;
    private volatile HttpResponseMessage? _response;

    /// <param name="watchesHeaders">Whether somebody will ask for <see cref="HasHeaders"/>.</param>
    public CallLifetime(bool watchesHeaders) =>
        _headers = watchesHeaders ? new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously) : null;

    /// <summary>How the call ended, once it has.</summary>
    public Task<CallOutcome> Outcome => _outcome.Task;

    /// <summary>Whether it has ended.</summary>
    public bool IsEnded => _outcome.Task.IsCompleted;

    /// <summary>Fires when the call is given up. Whatever is under way then stops.</summary>
    public CancellationToken Aborted => _abort.Token;

    /// <summary>The time that is left; null when there is no deadline.</summary>
    public TimeSpan? Remaining => _timer?.Remaining;

    /// <summary>Whether a server has answered.</summary>
    public bool IsAnswered => _response is not null;

    /// <summary>
    /// Whether the server has begun to respond: true at the first headers, false when the call ended before that. Headers that end the
    /// call at once are no beginning.
    /// </summary>
    public Task<bool> HasHeaders => _headers?.Task ?? throw new InvalidOperationException("Nobody was to ask for the headers.");

    /// <summary>Begins to look at whatever may end the call early.</summary>
    public void Start(GrpcChannel channel, in CallOptions options)
    {
        if (options.Deadline is DateTime deadline && deadline != DateTime.MaxValue)
        {
            TimeSpan remaining = new DateTimeOffset(deadline.ToUniversalTime()) - channel.TimeProvider.GetUtcNow();
            if (remaining <= TimeSpan.Zero)
            {
                Abort(CallStatuses.DeadlineExceeded);
            }
            else
            {
                _timer = CallTimer.Start(channel.TimeProvider, remaining, () => Abort(CallStatuses.DeadlineExceeded));
            }
        }

        _callerRegistration = options.CancellationToken.UnsafeRegister(
            static (state, token) => ((CallLifetime)state!).AbortByCaller(token), this);
        _channelRegistration = channel.Disposal.UnsafeRegister(
            static state => ((CallLifetime)state!).Abort(CallStatuses.ChannelDisposed), this);
    }

    /// <summary>Takes the request stream, to break it off when the call ends. A server that ends it early may not reset the stream.</summary>
    /// <param name="content">The request stream; null when there is none.</param>
    public void Hold(RequestContent? content)
    {
        _content = content;
        _isHeld = true;
        if (IsEnded)
        {
            LetGo();
        }
    }

    /// <summary>Takes the response, to close it when the call is given up: the handler has let go of the token by then.</summary>
    public void Hold(HttpResponseMessage response)
    {
        _response = response;
        if (Aborted.IsCancellationRequested)
        {
            response.Dispose();
        }
    }

    /// <summary>Says that the server has begun to respond.</summary>
    public void MarkHeaders() => _headers?.TrySetResult(true);

    /// <summary>Gives the call up, if it has not ended.</summary>
    /// <param name="reason">The status that it then has.</param>
    public void Abort(Status reason) => Abort(new CallOutcome(reason, IsLocalCancellation: true));

    /// <summary>Gives the call up for the caller's cancellation, of the call or of one operation on it.</summary>
    public void AbortByCaller(CancellationToken token) =>
        Abort(new CallOutcome(CallStatuses.CancelledByCaller, IsLocalCancellation: true, token));

    /// <summary>Gives the call up, if it has not ended.</summary>
    public void Abort(CallOutcome outcome)
    {
        if (TryEnd(outcome))
        {
            GiveUp();
        }
    }

    /// <summary>Gives the call up, if it has not ended. What holds the stream open is let go in any case.</summary>
    public void Dispose()
    {
        if (!IsEnded)
        {
            Abort(CallStatuses.CallDisposed);
        }

        GiveUp();
    }

    /// <summary>
    /// Stops whatever is under way. What an HTTP handler throws at that has nobody to go to: the call has its outcome, and on the thread
    /// of a timer the exception would end the process.
    /// </summary>
    public void GiveUp()
    {
        try
        {
            _abort.Cancel();
        }
        catch (AggregateException)
        {
            // Each callback has run.
        }

        try
        {
            _response?.Dispose();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException or InvalidOperationException)
        {
            // The stream is closed, or its connection is.
        }
    }

    /// <summary>Sets the outcome.</summary>
    /// <returns>False when the call had one.</returns>
    public bool TryEnd(CallOutcome outcome)
    {
        // The server has the same deadline, and its cancellation may arrive before the timer of this side has come to fire.
        bool isDeadline = outcome is { Status.StatusCode: StatusCode.Cancelled, IsLocalCancellation: false } && _timer is { IsDue: true };
        bool isFirst = _outcome.TrySetResult(
            isDeadline ? outcome with { Status = CallStatuses.DeadlineExceeded, IsLocalCancellation = true } : outcome);
        if (isFirst)
        {
            _headers?.TrySetResult(false);

            // Whoever is about to hold something finds the outcome, or is found here.
            Interlocked.MemoryBarrier();
            if (_isHeld)
            {
                LetGo();
            }
        }

        return isFirst;
    }

    /// <summary>Gives back what the call holds. May run twice.</summary>
    private void LetGo()
    {
        _timer?.Dispose();
        _callerRegistration.Unregister();
        _channelRegistration.Unregister();
        _content?.Abandon();
    }
}
