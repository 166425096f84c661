namespace Adam.Service.Connections;

/// <summary>Whether a client takes the answer that waits for it.</summary>
/// <param name="patience">The time in which bytes have to leave.</param>
/// <param name="bytesMin">How many, unless fewer are left.</param>
/// <param name="time">The clock.</param>
internal sealed class ResponsePace(TimeSpan patience, long bytesMin, TimeProvider time)
{
    private readonly Lock _lock = new();
    private long _windowStart = time.GetTimestamp();
    private long _windowBytes;
    private bool _isFinishing;
    private bool _isClosed;

    /// <summary>The bytes that wait.</summary>
    public long Unsent { get; private set; }

    /// <summary>How much waits, times how long it has waited: what a call costs its neighbours, in byte seconds.</summary>
    public double Burden
    {
        get
        {
            lock (_lock)
            {
                return Unsent * time.GetElapsedTime(_windowStart).TotalSeconds;
            }
        }
    }

    /// <summary>Whether something has waited too long.</summary>
    public bool IsStalled
    {
        get
        {
            lock (_lock)
            {
                return (Unsent > 0 || _isFinishing) && time.GetElapsedTime(_windowStart) >= patience;
            }
        }
    }

    /// <summary>The service hands bytes over to the connection.</summary>
    /// <returns>By how much more waits: nothing after the end.</returns>
    public long Offer(long bytes)
    {
        lock (_lock)
        {
            RestartIfIdle();
            return Count(bytes);
        }
    }

    /// <summary>The service has handed over everything, the end included.</summary>
    public void Finish()
    {
        lock (_lock)
        {
            RestartIfIdle();
            _isFinishing = true;
        }
    }

    /// <summary>Bytes have left.</summary>
    /// <returns>By how much more waits: a negative number, or nothing after the end.</returns>
    public long Send(long bytes)
    {
        lock (_lock)
        {
            var more = Count(-bytes);
            _windowBytes += bytes;
            if (_windowBytes >= bytesMin || Unsent <= 0)
            {
                Restart();
            }

            return more;
        }
    }

    /// <summary>The call is over, and nothing waits any more.</summary>
    /// <returns>By how much more waits: a negative number where something did.</returns>
    public long Close()
    {
        lock (_lock)
        {
            var more = Count(-Unsent);
            _isClosed = true;
            return more;
        }
    }

    private long Count(long bytes)
    {
        if (_isClosed)
        {
            return 0;
        }

        Unsent += bytes;
        return bytes;
    }

    private void RestartIfIdle()
    {
        if (Unsent <= 0 && !_isFinishing)
        {
            Restart();
        }
    }

    private void Restart()
    {
        _windowStart = time.GetTimestamp();
        _windowBytes = 0;
    }
}
