using System.Runtime.InteropServices;

namespace Adam.Bench.StepBench;

/// <summary>Keeps the calling thread on one processor, where the system can.</summary>
internal static unsafe partial class Affinity
{
    /// <summary>Pins to the first processor.</summary>
    public static void Pin() => Set(1);

    /// <summary>Lets the thread run on every processor again.</summary>
    public static void Release() => Set(ulong.MaxValue);

    private static void Set(ulong mask)
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetAffinity(0, sizeof(ulong), &mask);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    private static partial int SetAffinity(int thread, nuint bytes, ulong* mask);
}
