namespace Grpc.Net.Client.Internal;

/// <summary>Tasks that nobody has to await: a call may be disposed at once.</summary>
internal static class Unawaited
{
    /// <summary>Looks at the exception of a task, so that it does not count as one that nobody has seen.</summary>
    public static void Observe(this Task task) => _ = task.ContinueWith(
        static failed => failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
}
