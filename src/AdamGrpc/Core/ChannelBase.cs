namespace Grpc.Core;

/// <summary>A way to a server, over which many calls can be made at a time.</summary>
public abstract class ChannelBase
{
    /// <summary>Makes a channel.</summary>
    /// <param name="target">What the channel leads to, for people.</param>
    protected ChannelBase(string target)
    {
        ArgumentNullException.ThrowIfNull(target);
        Target = target;
    }

    /// <summary>What the channel leads to, for people.</summary>
    public string Target { get; }

    /// <summary>Makes an invoker whose calls take this channel.</summary>
    public abstract CallInvoker CreateCallInvoker();

    /// <summary>Cancels all calls and closes the channel.</summary>
    public Task ShutdownAsync() => ShutdownAsyncCore();

    /// <summary>The implementation of <see cref="ShutdownAsync"/>.</summary>
    protected virtual Task ShutdownAsyncCore() => Task.CompletedTask;
}
