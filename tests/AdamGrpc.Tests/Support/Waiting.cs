namespace AdamGrpc.Tests.Support;

/// <summary>Bounds what would otherwise hang a broken build. No test asserts on the time.</summary>
public static class Waiting
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    public static Task Soon(this Task task) => task.WaitAsync(Limit);

    public static Task<T> Soon<T>(this Task<T> task) => task.WaitAsync(Limit);

    /// <summary>A task that ends when a token fires.</summary>
    public static Task WhenCancelled(this CancellationToken token)
    {
        TaskCompletionSource fired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        token.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetResult(), fired);
        return fired.Task;
    }

    /// <summary>A sync point.</summary>
    public static TaskCompletionSource Point() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
