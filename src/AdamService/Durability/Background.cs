namespace Adam.Service.Durability;

/// <summary>Work that waits for a disk: on a thread of its own, so that it is none of the pool's few.</summary>
internal static class Background
{
    /// <summary>Does it.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);
}
