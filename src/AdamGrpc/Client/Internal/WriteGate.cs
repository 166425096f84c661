namespace Grpc.Net.Client.Internal;

/// <summary>Lets one write through at a time, and none after the end of the requests.</summary>
internal sealed class WriteGate
{
    private readonly Lock _lock = new();
    private bool _isWriting;
    private bool _isComplete;

    /// <summary>Begins a write.</summary>
    /// <exception cref="InvalidOperationException">Another one is pending, or there can be none any more.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            ThrowIfWriting("Can't write the message because the previous write is in progress.");
            if (_isComplete)
            {
                throw new InvalidOperationException("Can't write the message because the request stream is complete.");
            }

            _isWriting = true;
        }
    }

    /// <summary>Begins the end of the requests.</summary>
    /// <returns>False if it was begun before.</returns>
    /// <exception cref="InvalidOperationException">A write is pending.</exception>
    public bool TryEnterToComplete()
    {
        lock (_lock)
        {
            if (_isComplete)
            {
                return false;
            }

            ThrowIfWriting("Can't complete the client stream writer because the previous write is in progress.");
            return _isWriting = _isComplete = true;
        }
    }

    /// <summary>Ends what was begun.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _isWriting = false;
        }
    }

    private void ThrowIfWriting(string message)
    {
        if (_isWriting)
        {
            throw new InvalidOperationException(message);
        }
    }
}
