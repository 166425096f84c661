namespace Adam.Crash.Tests.Kill;

/// <summary>How many answers clients have had, to wait for more.</summary>
internal sealed class Acknowledgements
{
    private readonly Lock _lock = new();
    private long _count;
    private (long Target, TaskCompletionSource Reached)? _waiting;

    /// <summary>One more.</summary>
    public void Add()
    {
        lock (_lock)
        {
            _count++;
            if (_waiting is { } waiting && _count >= waiting.Target)
            {
                waiting.Reached.SetResult();
                _waiting = null;
            }
        }
    }

    /// <summary>Ends when there are so many more.</summary>
    public Task WaitForMoreAsync(int more)
    {
        lock (_lock)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting = (_count + more, reached);
            return reached.Task;
        }
    }
}
