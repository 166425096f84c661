using System.Runtime.InteropServices;

namespace Adam.Service.Durability;

/// <summary>Work that waits for a disk: on a thread of its own, so that it is none of the pool's few.</summary>
internal static partial class Background
{
    // Of setpriority(2). Who is 0: on Linux the calling thread and no other.
    private const int OfProcess = 0;
    private const int OwnThread = 0;

    // Beside one thread of the usual niceness, this one gets a tenth of a processor.
    private const int PatientNiceness = 10;

    /// <summary>Does it.</summary>
    public static Task<T> RunAsync<T>(Func<T> work) =>
        Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning | TaskCreationOptions.DenyChildAttach, TaskScheduler.Default);

    /// <summary>Does what nobody is in a hurry for: whoever else wants a processor has the better part of it.</summary>
    public static Task<T> RunPatientlyAsync<T>(Func<T> work) => RunAsync(() =>
    {
        // The thread ends with the work. Where the system refuses, it is done in competition with the others.
        _ = SetPriority(OfProcess, OwnThread, PatientNiceness);
        return work();
    });

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);
}
