using System.IO.Pipelines;
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

    /// <summary>What may wait in the response when the call ends, without a wait for the client: a response that leaves with its status.</summary>
    private const long UnsentBytesMax = 4096;

    private enum State
    {
        Open,
        Ending,
        Ended,
    }

    private readonly Lock _lock = new();
    private CancellationTokenSource? _cancellation;
    private CancellationToken _token;
    private volatile bool _hasToken;
    private State _state;
    private bool _isWriting;
    private bool _isReading;
    private bool _wasCutShort;
    private bool _bodyStarted;
    private TaskCompletionSource? _lastWrite;
    private TaskCompletionSource? _lastRead;
    private CallTimer? _timer;
    private Task? _deadlineTask;

    public HttpContext HttpContext => httpContext;

    public string Method => method;

    public ILogger Logger => logger;

    /// <summary>When the call ends by itself, in UTC; null for never.</summary>
    public DateTimeOffset? Deadline { get; private set; }

    /// <summary>Fires when the client cancels or vanishes, or the deadline passes. Made when somebody asks for it: small calls often do not.</summary>
    public CancellationToken CancellationToken => _hasToken ? _token : OpenToken();

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
        if (timeout is TimeSpan remaining)
        {
            DateTimeOffset now = time.GetUtcNow();
            DateTimeOffset due = remaining < DateTimeOffset.MaxValue - now ? now + remaining : DateTimeOffset.MaxValue;
            Deadline = due;
            _timer = CallTimer.Start(time, remaining, OnDeadline);
        }
    }

    /// <summary>
    /// Fires the token. A read that finds the client gone does so too: Kestrel fires its own on another thread, so the read may be the
    /// first to know, and whoever catches its exception looks at the token to tell a cancellation from a fault.
    /// </summary>
    public async Task MarkAbortedAsync()
    {
        try
        {
            OpenToken();
            await (_cancellation?.CancelAsync() ?? Task.CompletedTask);
        }
        catch (AggregateException exception)
        {
            // A callback of the handler's. It must not keep the call from its end.
            GrpcServerLog.CallbackFailed(logger, method, exception);
        }
    }

    /// <summary>Claims the request for one read.</summary>
    /// <exception cref="InvalidOperationException">The call has ended.</exception>
    public void BeginRead()
    {
        lock (_lock)
        {
            if (_state != State.Open)
            {
                throw new InvalidOperationException("Can't read messages after the call is complete.");
            }

            _isReading = true;
        }
    }

    /// <summary>Gives the request back after a read.</summary>
    public void EndRead()
    {
        lock (_lock)
        {
            _isReading = false;
            _lastRead?.TrySetResult();
        }
    }

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

    /// <summary>Says that a write was cancelled while its message was waiting for the client.</summary>
    public void MarkCutShort() => _wasCutShort = true;

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
    public async Task EndAsync(Status status, Metadata? trailers)
    {
        Task? lastWrite;
        lock (_lock)
        {
            if (_state != State.Open)
            {
                return;
            }

            _state = State.Ending;
            _lastWrite = _isWriting ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            lastWrite = _lastWrite?.Task;
        }

        if (lastWrite is not null)
        {
            // A handler may return without awaiting its last write.
            await lastWrite;
        }

        if (_timer is not null)
        {
            await DrainAsync();
            await SendEndAsync(status, trailers);
            lock (_lock)
            {
                _state = State.Ended;
            }
        }
        else
        {
            // The server completes the response when the handler is done. To wait for that here would only keep the call alive for longer.
            TrySetStatus(status, trailers);
        }
    }

    /// <summary>Waits until nothing uses the HTTP context any more.</summary>
    public async Task CloseAsync()
    {
        Task? deadlineTask;
        Task? lastRead;
        lock (_lock)
        {
            _state = State.Ended;
            deadlineTask = _deadlineTask;
            _lastRead = _isReading ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
            lastRead = _lastRead?.Task;
        }

        _timer?.Dispose();
        if (lastRead is not null)
        {
            // A handler may return without awaiting its last read.
            httpContext.Request.BodyReader.CancelPendingRead();
            await lastRead;
        }

        if (deadlineTask is not null)
        {
            await deadlineTask;
        }

        lock (_lock)
        {
            // The next request may have the same HTTP context: a token that is asked for now has nothing to do with it.
            _hasToken = true;
            _cancellation?.Dispose();
        }
    }

    private CancellationToken OpenToken()
    {
        lock (_lock)
        {
            if (!_hasToken)
            {
                // The source throws once it is disposed, its token does not: a handler may hold on to its context.
                _cancellation = CancellationTokenSource.CreateLinkedTokenSource(httpContext.RequestAborted);
                _token = _cancellation.Token;
                _hasToken = true;
            }

            return _token;
        }
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
            // The status is only queued by now, and a reset would discard it. When it has left, Kestrel itself tells the client to stop.
            await SendEndAsync(DeadlineExceeded, trailers: null);
            await MarkAbortedAsync();
            httpContext.Request.BodyReader.CancelPendingRead();
        }
        else
        {
            // A write waits for a client that does not read, and nothing but a reset would reach it.
            await MarkAbortedAsync();
            CallResponse.Reset(httpContext, CallResponse.Cancel);
        }
    }

    /// <summary>
    /// Waits until the client takes a large response of a call with a deadline. The status is queued without any waiting, and the deadline
    /// ends with the call: it has to stay armed for as long as the client is slow.
    /// </summary>
    private async Task DrainAsync()
    {
        PipeWriter output = httpContext.Response.BodyWriter;
        if (!_wasCutShort && (!_bodyStarted || output.UnflushedBytes <= UnsentBytesMax))
        {
            return;
        }

        try
        {
            // A cancellation that came just after an earlier flush shows in this one.
            while ((await output.FlushAsync(CancellationToken.None)).IsCanceled)
            {
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            GrpcServerLog.EndNotSent(logger, method, exception);
        }
    }

    private async Task SendEndAsync(Status status, Metadata? trailers)
    {
        if (!TrySetStatus(status, trailers))
        {
            return;
        }

        try
        {
            await httpContext.Response.CompleteAsync();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            // The client is gone: there is nobody to tell.
            GrpcServerLog.EndNotSent(logger, method, exception);
        }
    }

    private bool TrySetStatus(Status status, Metadata? trailers)
    {
        try
        {
            CallResponse.SetStatus(httpContext, status, trailers, _bodyStarted, logger);
            return true;
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or InvalidOperationException)
        {
            GrpcServerLog.EndNotSent(logger, method, exception);
            return false;
        }
    }
}
