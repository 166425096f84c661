namespace Adam.Service.Connections;

/// <summary>Counts the bytes of answers that wait for their clients.</summary>
/// <param name="bytesMax">From where on there are too many.</param>
internal sealed class UnsentBytes(long bytesMax)
{
    // What a writer that has waited is expected to add: the largest chunk.
    private const long Share = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Queue<(TaskCompletionSource Turn, Task Ended)> _waiting = new();
    private long _held;
    private long _doomed;
    private long _promised;

    /// <summary>All that is in memory.</summary>
    public long Held
    {
        get
        {
            lock (_lock)
            {
                return _held;
            }
        }
    }

    /// <summary>Whether calls have to be ended. Those that are ended already will give their memory back.</summary>
    public bool IsTooMuch
    {
        get
        {
            lock (_lock)
            {
                return _held - _doomed > bytesMax;
            }
        }
    }

    /// <summary>Whether enough calls are ended, so that not every answer has to look for some.</summary>
    public bool IsRelieved
    {
        get
        {
            lock (_lock)
            {
                return _held - _doomed <= bytesMax - (bytesMax / 8);
            }
        }
    }

    /// <summary>Whether a writer may go on without waiting.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_lock)
            {
                return _held <= bytesMax && _waiting.Count == 0;
            }
        }
    }

    /// <summary>Adds bytes, or takes them away.</summary>
    public void Add(long bytes)
    {
        lock (_lock)
        {
            Count(bytes);
        }
    }

    /// <summary>Says that bytes will be given back soon.</summary>
    public void Doom(long bytes)
    {
        lock (_lock)
        {
            _doomed += bytes;
        }
    }

    /// <summary>Takes away bytes of which that was said.</summary>
    public void TakeDoomed(long bytes)
    {
        lock (_lock)
        {
            _doomed -= bytes;
            Count(-bytes);
        }
    }

    /// <summary>Waits until more may be in memory. Writers go on one by one, not all at the first byte that is free.</summary>
    /// <param name="ended">Completed when the writer has ended otherwise: its turn goes to the next one.</param>
    /// <returns>A completed task if there is room now; otherwise <see cref="EndTurn"/> is to follow.</returns>
    public Task WaitForTurnAsync(Task ended)
    {
        lock (_lock)
        {
            if (_held <= bytesMax && _waiting.Count == 0)
            {
                return Task.CompletedTask;
            }

            var turn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((turn, ended));
            LetWrite();
            return turn.Task;
        }
    }

    /// <summary>A writer that has waited has added what it had, or has ended.</summary>
    public void EndTurn()
    {
        lock (_lock)
        {
            _promised = Math.Max(0, _promised - Share);
            LetWrite();
        }
    }

    /// <summary>Forgets writers that were let go on and add nothing: some wait for their clients.</summary>
    public void EndAllTurns()
    {
        lock (_lock)
        {
            _promised = 0;
            LetWrite();
        }
    }

    private void Count(long bytes)
    {
        _held += bytes;
        LetWrite();
    }

    private void LetWrite()
    {
        while (_held + _promised <= bytesMax && _waiting.TryDequeue(out var next))
        {
            if (!next.Ended.IsCompleted)
            {
                _promised += Share;
                next.Turn.SetResult();
            }
        }
    }
}
