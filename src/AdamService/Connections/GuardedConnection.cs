using System.Buffers;
using System.Collections.Concurrent;
using System.IO.Pipelines;
using Adam.Service.Configuration;
using Microsoft.AspNetCore.Connections;

namespace Adam.Service.Connections;

/// <summary>
/// One HTTP/2 connection under guard: what the client sends is held against the limits, what the service sends tells how its calls get on.
/// </summary>
/// <remarks>A feature of the connection, and so of each of its requests.</remarks>
internal sealed class GuardedConnection
{
    private const uint ProtocolError = 1;
    private const uint FlowControlError = 3;
    private const uint StreamClosed = 5;
    private const uint FrameSizeError = 6;
    private const uint RefusedStream = 7;

    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(1);

    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly Http2Options _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FrameGuard _guard;
    private readonly OutgoingFrames _outgoing;
    private readonly ConcurrentDictionary<int, PacedCall> _calls = new();
    private readonly long _opened;
    private volatile string? _broken;
    private long _brokenAt;

    public GuardedConnection(ConnectionContext connection, Http2Options options, TimeProvider time, ILogger logger)
    {
        (_connection, _options, _time, _logger) = (connection, options, time, logger);
        _input = connection.Transport.Input;
        _guard = new FrameGuard(options, time);
        _outgoing = new OutgoingFrames(this);
        _opened = time.GetTimestamp();
    }

    /// <summary>The calls that have begun and whose end has not left.</summary>
    public ICollection<PacedCall> Calls => _calls.Values;

    /// <summary>How many there are.</summary>
    public int CallCount => _calls.Count;

    /// <summary>Whether a limit is broken: nothing more is read, and what the client is told is why.</summary>
    public bool IsBroken => _broken is not null;

    /// <summary>Serves the connection to its end.</summary>
    public async Task RunAsync(ConnectionDelegate next)
    {
        var transport = _connection.Transport;
        _connection.Transport = new DuplexPipe(
            new GuardedPipeReader(_input, this), new GuardedPipeWriter(transport.Output, _outgoing));
        try
        {
            await next(_connection);
        }
        finally
        {
            _connection.Transport = transport;
            if (IsBroken)
            {
                await LingerAsync();
            }
        }
    }

    /// <summary>Looks at bytes that the client has sent.</summary>
    public void Observe(in ReadOnlySequence<byte> bytes)
    {
        if (!IsBroken)
        {
            End(_guard.Observe(bytes));
        }
    }

    /// <summary>Lets nothing more in once a limit is broken.</summary>
    /// <exception cref="ConnectionAbortedException">A limit is broken. Kestrel answers with GOAWAY and ends all calls.</exception>
    public void ThrowIfBroken()
    {
        if (_broken is { } broken)
        {
            throw new ConnectionAbortedException($"The client broke a limit of the connection: {broken}.");
        }
    }

    /// <summary>Looks at a frame that the service sends.</summary>
    public void OnSending(in Http2FrameHeader frame)
    {
        if (frame.Type == Http2FrameType.Data && frame.Length > 0)
        {
            _guard.OnDataSent();
        }

        if (frame.Type is Http2FrameType.Data or Http2FrameType.Headers or Http2FrameType.RstStream
            && _calls.TryGetValue(frame.StreamId, out var call))
        {
            call.OnSending(frame);
        }
    }

    /// <summary>Looks at the code of a stream that the service resets.</summary>
    public void OnReset(uint code)
    {
        // Errors of the client, and streams beyond the limit. A service that is made to reset streams works as if the client did it.
        if (code is ProtocolError or FlowControlError or StreamClosed or FrameSizeError or RefusedStream && !IsBroken)
        {
            End(_guard.OnRefused());
            if (IsBroken)
            {
                _input.CancelPendingRead();
            }
        }
    }

    /// <summary>A call begins.</summary>
    public void Add(int streamId, PacedCall call) => _calls[streamId] = call;

    /// <summary>A call is over.</summary>
    public void Remove(int streamId) => _calls.TryRemove(streamId, out _);

    /// <summary>Ends what has waited too long: the connection itself, or single calls.</summary>
    public void Check()
    {
        if (IsBroken)
        {
            // The way out may be blocked by a client that does not read.
            if (_time.GetElapsedTime(_brokenAt) >= 2 * Grace)
            {
                _connection.Abort(new ConnectionAbortedException("The client does not take its GOAWAY."));
            }
        }
        else if (!_guard.HasStarted && _time.GetElapsedTime(_opened) >= TimeSpan.FromSeconds(_options.PrefaceSeconds))
        {
            ConnectionsLog.NoPreface(_logger, _connection.RemoteEndPoint, _options.PrefaceSeconds);
            _connection.Abort(new ConnectionAbortedException("The client did not begin to speak HTTP/2."));
        }

        foreach (var call in _calls.Values)
        {
            call.Check();
        }
    }

    private void End(string? broken)
    {
        if (broken is not null)
        {
            _brokenAt = _time.GetTimestamp();
            _broken = broken;
            ConnectionsLog.FramesRefused(_logger, _connection.RemoteEndPoint, broken);
        }
    }

    // A socket that is closed over unread bytes resets the connection, and the GOAWAY may be lost on its way.
    private async Task LingerAsync()
    {
        using var grace = new CancellationTokenSource(Grace, _time);
        try
        {
            ReadResult result;
            do
            {
                result = await _input.ReadAsync(grace.Token);
                _input.AdvanceTo(result.Buffer.End);
            }
            while (!result.IsCompleted && !result.IsCanceled);
        }
        catch (Exception error) when (error is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            // The client goes on sending, or is gone.
        }
    }
}
