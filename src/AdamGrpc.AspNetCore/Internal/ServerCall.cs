using Grpc.Core;
using Grpc.Core.Internal;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Grpc.AspNetCore.Server.Internal;

/// <summary>
/// The life of one call: open, ending, ended. Exactly one of handler, deadline and client ends it; whoever comes late is ignored. The HTTP
/// context is kept until the handler returns, even when the deadline has ended the call before.
/// </summary>
internal sealed class ServerCall(HttpContext httpContext, string method, ILogger logger, TimeProvider time)
{
    private static readonly Status DeadlineExceeded = new(StatusCode.DeadlineExceeded, "Deadline Exceeded");

    private enum State
    {
        Open,
        Ending,
        Ended,
    }

    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _cancellation = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted);
    private State _state;
    private bool _isWriting;
    private bool _bodyStarted;
    private TaskCompletionSource? _lastWrite;
    private CallTimer? _timer;
    private Task _deadlineTask = Task.CompletedTask;

    public HttpContext HttpContext => httpContext;

    public string Method => method;

    public ILogger Logger => logger;

    /// <summary>When the call ends by itself, in UTC; null for never.</summary>
    public DateTimeOffset? Deadline { get; private set; }

    /// <summary>Fires when the client cancels or vanishes, or the deadline passes.</summary>
    public CancellationToken CancellationToken { get; private set; }

    /// <summary>The time, for the deadline.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether nothing can be sent any more.</summary>
    public bool IsEnded
    {
        get
        {
            lock (_lock)
            {
                return _state != State.Open;
            }
        }
    }

    /// <summary>Arms the deadline.</summary>
    /// <param name="timeout">The time left; null for no deadline.</param>
    public void Start(TimeSpan? timeout)
    {
        // The source throws once it is disposed, its token does not: a handler may hold on to its context.
        CancellationToken = _cancellation.Token;
        if (timeout is TimeSpan remaining)
        {
            DateTimeOffset now = time.GetUtcNow();
            DateTimeOffset due = remaining < DateTimeOffset.MaxValue - now ? now + remaining : DateTimeOffset.MaxValue;
            Deadline = due;
            _timer = CallTimer.Start(time, due, OnDeadline);
        }
    }

    /// <summary>
    /// Fires the token for a read that found the client gone. Kestrel fires its own on another thread, so the read may be the first to
    /// know, and whoever catches its exception looks at the token to tell a cancellation from a fault.
    /// </summary>
    public Task MarkAbortedAsync() => _cancellation.CancelAsync();

    /// <summary>Claims the response for one write.</summary>
    /// <exception cref="InvalidOperationException">Another write is pending, or the call has ended.</exception>
    public void BeginWrite()
    {
        if (!TryBeginWrite())
        {
            throw new InvalidOperationException("Can't write the message because the call is complete.");
        }
    }

    /// <summary>Claims the response for one write.</summary>
    /// <returns>False when the call has ended.</returns>
    /// <exception cref="InvalidOperationException">Another write is pending.</exception>
    public bool TryBeginWrite()
    {
        lock (_lock)
        {
            if (_state != State.Open)
            {
                return false;
            }

            if (_isWriting)
            {
                throw new InvalidOperationException("Can't write the message because the previous write is in progress.");
            }

            _isWriting = true;
            return true;
        }
    }

    /// <summary>Says that bytes of a message are in the response, so that the status has to follow them.</summary>
    public void MarkBodyStarted() => _bodyStarted = true;

    /// <summary>Gives the response back after a write.</summary>
    public void EndWrite()
    {
        lock (_lock)
        {
            _isWriting = false;
            _lastWrite?.TrySetResult();
        }
    }

    /// <summary>Cuts a stream whose last message cannot be finished.</summary>
    public void Tear() => CallResponse.Reset(httpContext, CallResponse.InternalError);

    /// <summary>Ends the call for its handler.</summary>
    /// <returns>False when the call had ended before.</returns>
    public async Task<bool> EndAsync(Status status, Metadata? trailers)
    {
        Task lastWrite;
        lock (_lock)
        {
            if (_state != State.Open)
            {
                return false;
            }

            _state = State.Ending;
            _lastWrite = _isWriting ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            lastWrite = _lastWrite?.Task ?? Task.CompletedTask;
        }

        // A handler may return without awaiting its last write.
        await lastWrite;
        await SendEndAsync(status, trailers);
        return true;
    }

    /// <summary>Waits until nothing uses the HTTP context any more.</summary>
    public async Task CloseAsync()
    {
        Task deadlineTask;
        lock (_lock)
        {
            _state = State.Ended;
            deadlineTask = _deadlineTask;
        }

        _timer?.Dispose();
        await deadlineTask;
        _cancellation.Dispose();
    }

    private void OnDeadline()
    {
        lock (_lock)
        {
            if (_state == State.Ended)
            {
                return;
            }

            bool canSendStatus = _state == State.Open && !_isWriting;
            _state = State.Ended;
            _deadlineTask = Task.Run(() => EndByDeadlineAsync(canSendStatus));
        }
    }

    private async Task EndByDeadlineAsync(bool canSendStatus)
    {
        GrpcServerLog.DeadlineExceeded(logger, method);
        if (canSendStatus)
        {
            await SendEndAsync(DeadlineExceeded, trailers: null);
        }

        // After a status the reset only stops what the client still sends, and ends a read that waits for it. Without a status, a
        // write waits for a client that does not read, and nothing but a reset would reach it.
        CallResponse.Reset(httpContext, canSendStatus ? CallResponse.NoError : CallResponse.Cancel);
        await _cancellation.CancelAsync();
    }

    private async Task SendEndAsync(Status status, Metadata? trailers)
    {
        try
        {
            CallResponse.SetStatus(httpContext, status, trailers, _bodyStarted, logger);
            await httpContext.Response.CompleteAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone: there is nobody to tell.
            GrpcServerLog.EndNotSent(logger, method, exception);
        }
    }
}
