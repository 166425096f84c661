namespace Adam.Service.Connections;

/// <summary>
/// Whether a client that owes bytes sends them. Only the time counts in which the service waits for them: a client that is held back by
/// flow control is not slow.
/// </summary>
/// <param name="patience">The time in which bytes have to come.</param>
/// <param name="bytesMin">How many.</param>
/// <param name="time">The clock.</param>
internal sealed class RequestPace(TimeSpan patience, long bytesMin, TimeProvider time)
{
    private readonly Lock _lock = new();
    private bool _isWaiting;
    private bool _isOwed;
    private long _waitStart;
    private TimeSpan _waited;
    private long _bytes;

    /// <summary>Whether the wait that is going on has lasted too long.</summary>
    public bool IsStalled
    {
        get
        {
            lock (_lock)
            {
                return _isWaiting && _isOwed && _waited + time.GetElapsedTime(_waitStart) >= patience;
            }
        }
    }

    /// <summary>The service begins to wait for bytes.</summary>
    /// <param name="isOwed">Whether the client has begun what these bytes belong to; a client that has not may take its time.</param>
    public void BeginWait(bool isOwed)
    {
        lock (_lock)
        {
            _isWaiting = true;
            _isOwed = isOwed;
            _waitStart = time.GetTimestamp();
            if (!isOwed)
            {
                Restart();
            }
        }
    }

    /// <summary>The wait is over.</summary>
    public void EndWait()
    {
        lock (_lock)
        {
            _isWaiting = false;
            if (_isOwed)
            {
                _waited += time.GetElapsedTime(_waitStart);
            }
        }
    }

    /// <summary>Bytes have come.</summary>
    public void Receive(long bytes)
    {
        lock (_lock)
        {
            _bytes += bytes;
            if (_bytes >= bytesMin)
            {
                Restart();
            }
        }
    }

    private void Restart()
    {
        _waited = TimeSpan.Zero;
        _bytes = 0;
    }
}
