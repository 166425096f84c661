using System.Runtime.ExceptionServices;
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
    /// <param name="work">The work. It must start no thread, nor bring anything to the pool, which may start one: that would be patient for ever.</param>
    public static Task<T> RunPatientlyAsync<T>(Func<T> work) => RunAsync(() =>
    {
        // Niceness is not taken back, and is inherited. So whoever waits for the work goes on in a thread that never was nice.
        var (result, failure) = (default(T), (ExceptionDispatchInfo?)null);
        var patient = new Thread(() =>
        {
            // Where the system refuses, it is done in competition with the others.
            _ = SetPriority(OfProcess, OwnThread, PatientNiceness);
            try
            {
                result = work();
            }
#pragma warning disable CA1031 // It is thrown again below.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(error);
            }
        })
        {
            IsBackground = true,
        };
        patient.Start();
        patient.Join();
        failure?.Throw();
        return result!;
    });

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int niceness);
}
