using Adam.Service.Configuration;
using Microsoft.AspNetCore.Http.Features;

namespace Adam.Service.Connections;

/// <summary>One call that is watched: it ends when its client keeps it waiting, and its neighbours on the connection do not notice.</summary>
internal sealed class PacedCall : ICallPatience
{
    // ENHANCE_YOUR_CALM, which gRPC clients show as RESOURCE_EXHAUSTED.
    private const int ResetCode = 11;

    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _resetLock = new();
    private readonly string _method;
    private readonly Http2Options _options;
    private readonly GuardedConnections _connections;
    private readonly ILogger _logger;
    private readonly PacedRequestReader _requests;
    private readonly IHttpResetFeature? _reset;
    private readonly CancellationTokenRegistration _aborted;
    private bool _isClosed;
    private bool _hasTurn;
    private long _doomedBytes;

    public PacedCall(HttpContext http, Http2Options options, GuardedConnections connections, TimeProvider time, ILogger logger)
    {
        (_method, _options, _connections, _logger) = (http.Request.Path, options, connections, logger);
        var patience = TimeSpan.FromSeconds(options.CallIdleSeconds);
        Request = new RequestPace(patience, options.CallBytesMin, time);
        Response = new ResponsePace(patience, options.CallBytesMin, time);
        _reset = http.Features.Get<IHttpResetFeature>();
        _aborted = http.RequestAborted.UnsafeRegister(static ended => ((TaskCompletionSource)ended!).TrySetResult(), _ended);

        _requests = new PacedRequestReader(http.Request.BodyReader, this);
        http.Features.Set<IRequestBodyPipeFeature>(new PacedRequestBody(_requests));
        http.Features.Set<IHttpResponseBodyFeature>(new PacedResponseBody(http.Features.GetRequiredFeature<IHttpResponseBodyFeature>(), this));
        http.Features.Set<ICallPatience>(this);
    }

    public bool MayRest { get; set; }

    /// <summary>How the client sends.</summary>
    public RequestPace Request { get; }

    /// <summary>How the client takes.</summary>
    public ResponsePace Response { get; }

    /// <summary>Bytes of the answer are handed over to the connection.</summary>
    public void Offer(long bytes)
    {
        if (bytes > 0)
        {
            _connections.Unsent.Add(Response.Offer(bytes));
            EndTurn();
            _connections.Relieve();
        }
    }

    /// <summary>A frame of this call leaves.</summary>
    public void OnSending(in Http2FrameHeader frame)
    {
        if (frame.Type == Http2FrameType.Data && frame.Length > 0)
        {
            _connections.Unsent.Add(Response.Send(frame.Length));
        }

        if (frame.EndsStream || frame.Type == Http2FrameType.RstStream)
        {
            _ended.TrySetResult();
        }
    }

    /// <summary>Waits until the end of the answer has left, or the call is aborted.</summary>
    public Task WaitForEndAsync()
    {
        Response.Finish();
        return _ended.Task;
    }

    /// <summary>The request is given back: nothing is done to it any more.</summary>
    public void Close()
    {
        _aborted.Dispose();
        lock (_resetLock)
        {
            _isClosed = true;
            _connections.Unsent.Add(Response.Close());
            _connections.Unsent.TakeDoomed(_doomedBytes);
        }

        EndTurn();
    }

    /// <summary>Whether the answer may go on at once.</summary>
    public bool HasRoom => _connections.Unsent.HasRoom;

    /// <summary>Waits until answers may take more memory, or this one has ended.</summary>
    public Task WaitForTurnAsync()
    {
        var turn = _connections.Unsent.WaitForTurnAsync(_ended.Task);
        _hasTurn = !turn.IsCompleted;
        return _hasTurn ? Task.WhenAny(turn, _ended.Task) : turn;
    }

    /// <summary>Ends the call if its client keeps it waiting.</summary>
    public void Check()
    {
        if (Response.IsStalled)
        {
            if (TryReset())
            {
                ConnectionsLog.ResponseStalled(_logger, _method, _options.CallIdleSeconds);
            }
        }
        else if (Request.IsStalled && _requests.GiveUp(_options.CallIdleSeconds))
        {
            ConnectionsLog.RequestStalled(_logger, _method, _options.CallIdleSeconds);
        }
    }

    /// <summary>Ends the call because too much waits, of this client and others.</summary>
    /// <param name="bytes">How much.</param>
    public void GiveUp(long bytes)
    {
        if (TryReset())
        {
            ConnectionsLog.ResponsesTooMany(_logger, _method, bytes);
        }
    }

    private void EndTurn()
    {
        if (_hasTurn)
        {
            _hasTurn = false;
            _connections.Unsent.EndTurn();
        }
    }

    // A status would queue up behind the answer that nobody takes.
    private bool TryReset()
    {
        lock (_resetLock)
        {
            if (_isClosed || _ended.Task.IsCompleted || _reset is null)
            {
                return false;
            }

            _ended.TrySetResult();
            _reset.Reset(ResetCode);
            _doomedBytes = -Response.Close();
            _connections.Unsent.Doom(_doomedBytes);
            return true;
        }
    }
}
