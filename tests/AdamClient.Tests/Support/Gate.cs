namespace Adam.Client.Tests.Support;

/// <summary>Holds a message back until the test has looked around.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when the message is here.</summary>
    public Task Reached => _reached.Task;

    /// <summary>Lets it through.</summary>
    public void Open() => _opened.TrySetResult();

    /// <summary>What the message does.</summary>
    public Task PassAsync()
    {
        _reached.TrySetResult();
        return _opened.Task;
    }
}
