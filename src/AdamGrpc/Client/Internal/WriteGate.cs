namespace Grpc.Net.Client.Internal;

/// <summary>Lets one write through at a time, and none after the end of the requests.</summary>
internal sealed class WriteGate
{
    private readonly Lock _lock = new();
    private bool _isWriting;
    private bool _isComplete;

    /// <summary>Begins a write.</summary>
    /// <exception cref="InvalidOperationException">Another one is pending, or there can be none any more.</exception>
    public void Enter() => Enter(completes: false);

    /// <summary>Begins the end of the requests.</summary>
    /// <exception cref="InvalidOperationException">A write is pending.</exception>
    public void EnterToComplete() => Enter(completes: true);

    /// <summary>Ends what was begun.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            _isWriting = false;
        }
    }

    private void Enter(bool completes)
    {
        lock (_lock)
        {
            if (_isWriting)
            {
                throw new InvalidOperationException(completes
                    ? "Can't complete the client stream writer because the previous write is in progress."
                    : "Can't write the message because the previous write is in progress.");
            }

            if (_isComplete)
            {
                if (completes)
                {
                    return;
                }

                throw new InvalidOperationException("Can't write the message because the request stream is complete.");
            }

            _isWriting = true;
            _isComplete = completes;
        }
    }
}
